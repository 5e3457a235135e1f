from django.urls import path

from madang.ground.platform.web import views

app_name = "platform"
urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<int:number>/", views.job, name="job"),
    path("jobs/<int:number>/retry/", views.retry, name="retry_job"),
    path("jobs/<int:number>/cancel/", views.cancel, name="cancel_job"),
]

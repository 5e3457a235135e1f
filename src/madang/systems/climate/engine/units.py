"""Numbers that turn one unit into another; read by pages too, which load no kernels."""

CO2 = 44 / 12  # t CO2 for each t C

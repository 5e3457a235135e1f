/** What this person keeps on the server: views and bookmarks of this city. */
import { t } from "../../parts/words";
import { ask, Problem } from "../api";
import { boot } from "../boot";
import { desk } from "../state/desk.svelte";
import type { View } from "../state/view";
import { free } from "./naming";

export interface SavedView {
  id: string;
  name: string;
  state: View;
}

export interface Bookmark {
  id: string;
  name: string;
  lon: number;
  lat: number;
  zoom: number;
  thing_kind: string;
  thing_id: string;
}

class Kept {
  views = $state.raw<SavedView[]>([]);
  bookmarks = $state.raw<Bookmark[]>([]);
  loaded = $state(false);

  async load(): Promise<void> {
    if (!boot.rights["keep"]) return;
    await attempt(async () => {
      [this.views, this.bookmarks] = await Promise.all([
        ask<SavedView[]>("console/views"),
        ask<Bookmark[]>("console/bookmarks"),
      ]);
      this.loaded = true;
    });
  }

  async saveView(name: string, state: View): Promise<void> {
    await attempt(async () => {
      const made = await ask<SavedView>("console/views", { method: "PUT", body: { name, state } });
      this.views = placed(this.views, made);
      desk.say(t("View “{name}” saved.", { name: made.name }));
    });
  }

  async renameView(id: string, name: string): Promise<void> {
    await attempt(async () => {
      const made = await ask<SavedView>(`console/views/${id}`, { method: "PATCH", body: { name } });
      this.views = placed(this.views, made);
    });
  }

  async removeView(id: string): Promise<void> {
    await attempt(async () => {
      await ask(`console/views/${id}`, { method: "DELETE" });
      this.views = this.views.filter((one) => one.id !== id);
    });
  }

  async mark(name: string, place: Omit<Bookmark, "id" | "name">): Promise<void> {
    await attempt(async () => {
      if (!this.loaded) await this.load();
      const body = { name: free(name, place, this.bookmarks), ...place };
      const made = await ask<Bookmark>("console/bookmarks", { method: "PUT", body });
      this.bookmarks = placed(this.bookmarks, made);
      desk.say(t("Bookmark “{name}” set.", { name: made.name }));
    });
  }

  async renameMark(id: string, name: string): Promise<void> {
    await attempt(async () => {
      const made = await ask<Bookmark>(`console/bookmarks/${id}`, { method: "PATCH", body: { name } });
      this.bookmarks = placed(this.bookmarks, made);
    });
  }

  async removeMark(id: string): Promise<void> {
    await attempt(async () => {
      await ask(`console/bookmarks/${id}`, { method: "DELETE" });
      this.bookmarks = this.bookmarks.filter((one) => one.id !== id);
    });
  }

  async push(title: string, state: View): Promise<void> {
    await attempt(async () => {
      await ask("console/boards/wall", { method: "PUT", body: { title, state } });
      desk.say(t("Shown on the situation board."));
    });
  }
}

function placed<One extends { id: string; name: string }>(all: One[], made: One): One[] {
  const others = all.filter((one) => one.id !== made.id);
  return [...others, made].sort((a, b) => a.name.localeCompare(b.name));
}

async function attempt(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const why = error instanceof Problem ? `${error.message} ${error.remedy}` : t("The server does not answer.");
    desk.say(why, "wrong");
  }
}

export const kept = new Kept();

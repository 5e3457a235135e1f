/** What an act changed of a picture, ready to be laid over it. */
import type { Patch } from "./said";

/** image null: nothing changed. */
export interface Piece { left: number; top: number; width: number; height: number; image: ImageBitmap | null }

/** null where it cannot be read: then the whole picture is to be asked for. */
export async function ready({ left, top, width, height, png }: Patch): Promise<Piece | null> {
  if (!width) return { left, top, width, height, image: null };
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  return createImageBitmap(new Blob([bytes], { type: "image/png" })).then((image) => ({ left, top, width, height, image }), () => null);
}

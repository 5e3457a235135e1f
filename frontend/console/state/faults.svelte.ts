/** What does not work on this screen now; the rest goes on. */
class Faults {
  tiles = $state(false);
  /** by layer, why it is not drawn as it should be */
  layers = $state<Record<string, string>>({});
  /** why there is no map on this screen; the table serves */
  map = $state("");
  private tilesTimer: ReturnType<typeof setTimeout> | undefined;

  /** A tile did not come; said for as long as it goes on. */
  tileFailed(): void {
    this.tiles = true;
    clearTimeout(this.tilesTimer);
    this.tilesTimer = setTimeout(() => (this.tiles = false), 30_000);
  }

  layerFailed(layer: string, why: string): void {
    if (this.layers[layer] !== why) this.layers = { ...this.layers, [layer]: why };
  }
}

export const faults = new Faults();

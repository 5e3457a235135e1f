import { describe, expect, it } from "vitest";
import { asWritten, inWords, placeOf, stick, together } from "./reckoning";

describe("a hand", () => {
  it("leaves a joystick alone that hardly moves, and goes to full speed at its end", () => {
    expect(stick([0.1, -0.1, 0.05])).toEqual({ x: 0, y: 0, z: 0 });
    expect(stick([1, 1, 0, -1])).toEqual({ x: 1, y: -1, z: 1 });
    expect(stick([0.5, 0]).x).toBeLessThan(0.5);
  });

  it("is never faster than full speed", () => {
    expect(together([{ x: 1 }, { x: 1 }, { y: -1 }])).toEqual({ x: 1, y: -1, z: 0 });
    expect(together([{ x: 1 }, { x: -1 }])).toEqual({ x: 0, y: 0, z: 0 });
  });

  it("says where a head stands in hundredths, and writes them as exactly as the camera does", () => {
    expect(inWords([-0.123, 0.4, 0])).toEqual({ pan: "−12.3%", tilt: "+40.0%", zoom: "0.0%" });
    expect(asWritten([-0.123456, 0.29, 0])).toBe("-12.3456 29 0");
  });

  it("knows where in the picture was pressed, and that the bars beside it are none of it", () => {
    const video = { videoWidth: 640, videoHeight: 360, getBoundingClientRect: () => ({ left: 0, top: 0, width: 1000, height: 360 }) };
    const at = (x: number, y: number) => placeOf(video as unknown as HTMLVideoElement, x, y);
    expect(at(500, 180)).toEqual({ x: 0, y: -0 });
    expect(at(820, 0)).toEqual({ x: 1, y: 1 });
    expect(at(50, 180)).toBeNull();
  });
});

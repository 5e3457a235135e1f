/** The sound of an alarm: two short tones, higher and more of them the graver it is. */
let voice: AudioContext | null = null;

export function ring(severity: number): void {
  voice ??= new AudioContext();
  void voice.resume();
  const tones = severity >= 4 ? [880, 660, 880, 660] : severity === 3 ? [780, 620] : [620];
  tones.forEach((tone, at) => beep(voice!, tone, voice!.currentTime + at * 0.18));
}

function beep(context: AudioContext, tone: number, at: number): void {
  const source = context.createOscillator();
  const volume = context.createGain();
  source.frequency.value = tone;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.14, at + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.16);
  source.connect(volume).connect(context.destination);
  source.start(at);
  source.stop(at + 0.17);
}

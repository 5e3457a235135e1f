/** How grave alarms are, 1 to 4, and what they are drawn with. */
export const SEVERITIES = ["info", "minor", "major", "critical"] as const;
export const SEVERITY_SHAPES = ["circle", "square", "diamond", "hexagon"] as const;

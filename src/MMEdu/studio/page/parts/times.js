// @ts-check
/** Times and sizes as people say them. */

import { t } from "./words.js";

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 90) return t("parts.seconds", { count: Math.max(0, Math.round(seconds)) });
  if (seconds < 5400) return t("parts.minutes", { count: Math.round(seconds / 60) });
  return t("parts.hours", { count: Math.round(seconds / 360) / 10 });
}

/** @param {number} bytes */
export const megabytes = (bytes) => (bytes < 1e5 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`);

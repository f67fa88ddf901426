// @ts-check
/** Which language: what was chosen here, otherwise the browser's. */

const KEY = "mmedu_language";

/** @returns {"en" | "zh"} */
export function chosenLanguage() {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "en" || chosen === "zh") return chosen;
  return (navigator.language || "").toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** @param {"en" | "zh"} language */
export const chooseLanguage = (language) => localStorage.setItem(KEY, language);

/** The JSON object that a text is; an empty text is an empty one; null: it is none. */
export function objectOf(text: string): Record<string, unknown> | null {
  if (!text.trim()) return {};
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null && !Array.isArray(found)
      ? (found as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

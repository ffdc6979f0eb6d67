/** The request target by which a well-behaved client joins. */
export function joinTarget(room: string, streamName: string): string {
  return `/?room=${encodeURIComponent(room)}&streamName=${encodeURIComponent(streamName)}`;
}

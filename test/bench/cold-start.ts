import type { Finding } from './finding.ts'
export async function coldStart(): Promise<Finding[]> {
  return []
}

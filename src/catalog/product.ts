/** Something that a shop sells now. */
export type Product = {
  id: string
  merchantId: string
  slug: string
  name: string
  description: string
  priceCents: number
  /** Path below public/, and what the picture shows for those who do not see it. */
  image: { path: string; alt: string } | null
  /** Pieces left; absent where they are not counted. Never below zero. */
  stock?: number
}

import type { HomePage } from './shop/home-page.ts'

/** Every template below views/, with the one view-model that it takes. */
export type Pages = {
  'shop/home': HomePage
}

import type { ErrorPage } from './errors/error-page.ts'
import type { OrderPage } from './orders/order-page.ts'
import type { PaymentUnavailablePage } from './orders/payment-unavailable-page.ts'
import type { ReceiptPage } from './orders/receipt-page.ts'
import type { HomePage } from './shop/home-page.ts'

/** Every template below views/, with the one view-model that it takes. */
export type Pages = {
  'shop/home': HomePage
  'orders/order': OrderPage
  'orders/receipt': ReceiptPage
  'orders/payment-unavailable': PaymentUnavailablePage
  'errors/error': ErrorPage
}

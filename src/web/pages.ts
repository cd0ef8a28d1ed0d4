import type { ErrorPage } from './errors/error-page.ts'
import type { MailPreviewsPage } from './mail-previews-page.ts'
import type { EventPage } from './merchant/events/event-page.ts'
import type { EventsPage } from './merchant/events/events-page.ts'
import type { DeskHomePage } from './merchant/home/home-page.ts'
import type { CheckOrdersPage } from './merchant/jobs/check-orders-page.ts'
import type { JobPage } from './merchant/jobs/job-page.ts'
import type { OrderListPage } from './merchant/orders/list-page.ts'
import type { DeskOrderPage } from './merchant/orders/order-page.ts'
import type { RefundPage } from './merchant/orders/refund-page.ts'
import type { ForgottenPage } from './merchant/passwords/forgotten-page.ts'
import type { SetPasswordPage } from './merchant/passwords/set-page.ts'
import type { ManagedProductPage } from './merchant/products/product-page.ts'
import type { ProductsPage } from './merchant/products/products-page.ts'
import type { ReconciliationPage } from './merchant/reconciliation/reconciliation-page.ts'
import type { ResultPage } from './merchant/reconciliation/result-page.ts'
import type { LogPage } from './merchant/settings/log-page.ts'
import type { SettingsPage } from './merchant/settings/settings-page.ts'
import type { SignInPage } from './merchant/sign-in-page.ts'
import type { AccountPage } from './merchant/users/account-page.ts'
import type { UserPage } from './merchant/users/user-page.ts'
import type { UsersPage } from './merchant/users/users-page.ts'
import type { FindOrderPage } from './orders/find-order-page.ts'
import type { OrderPage } from './orders/order-page.ts'
import type { PaymentUnavailablePage } from './orders/payment-unavailable-page.ts'
import type { ReceiptPage } from './orders/receipt-page.ts'
import type { CartPage } from './shop/cart-page.ts'
import type { CheckoutPage } from './shop/checkout-page.ts'
import type { HomePage } from './shop/home-page.ts'
import type { ProductPage } from './shop/product-page.ts'
import type { ShopPage } from './shop/shop-page.ts'

/** Every template below views/, with the one view-model that it takes. */
export type Pages = {
  'shop/home': HomePage
  'shop/catalogue': ShopPage
  'shop/product': ProductPage
  'shop/cart': CartPage
  'shop/checkout': CheckoutPage
  'orders/order': OrderPage
  'orders/receipt': ReceiptPage
  'orders/payment-unavailable': PaymentUnavailablePage
  'orders/find': FindOrderPage
  'merchant/sign-in': SignInPage
  'merchant/orders/list': OrderListPage
  'merchant/orders/order': DeskOrderPage
  'merchant/orders/refund': RefundPage
  'merchant/home/home': DeskHomePage
  'merchant/events/list': EventsPage
  'merchant/events/event': EventPage
  'merchant/reconciliation/list': ReconciliationPage
  'merchant/reconciliation/result': ResultPage
  'merchant/jobs/check-orders': CheckOrdersPage
  'merchant/jobs/job': JobPage
  'merchant/passwords/forgotten': ForgottenPage
  'merchant/passwords/set': SetPasswordPage
  'merchant/users/list': UsersPage
  'merchant/users/user': UserPage
  'merchant/users/account': AccountPage
  'merchant/settings/settings': SettingsPage
  'merchant/settings/log': LogPage
  'merchant/products/list': ProductsPage
  'merchant/products/product': ManagedProductPage
  'mail/previews': MailPreviewsPage
  'errors/error': ErrorPage
}

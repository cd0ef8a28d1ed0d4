// The one script of the site. Every page works without it: it only adds.

// On an order's page it asks whether something has changed, and then shows the new page in place of
// the old: announced once, with the focus kept where it was if what it was on is still there.
{
  const SECOND = 1000
  const FIRST_GAPS = [2, 3, 5, 8].map((seconds) => seconds * SECOND)
  const LATER_GAP = 15 * SECOND
  const PATIENCE = 5 * 60 * SECOND

  /** <main> of an order's page; null on every other page. */
  const order = document.querySelector('main[data-order-status]')

  let timer
  let looks = 0
  let lookingSince = 0
  let shown = order && stateOf(order)

  function stateOf({ dataset }) {
    return [dataset.orderStatus, dataset.checking === 'true', dataset.updatedAt].join()
  }

  function startLooking() {
    looks = 0
    lookingSince = Date.now()
    lookLater()
  }

  function lookLater() {
    clearTimeout(timer)
    if (document.hidden || !order.dataset.statusUrl) return
    if (Date.now() - lookingSince < PATIENCE) {
      timer = setTimeout(look, FIRST_GAPS[looks++] ?? LATER_GAP)
    } else {
      // The last word: the page may by now say that it takes unusually long.
      showNewPage().catch(() => {})
    }
  }

  async function look() {
    try {
      const answer = await fetch(order.dataset.statusUrl, { cache: 'no-store' })
      if (answer.status === 404) return
      if (answer.ok) await compare(await answer.json())
    } catch {
      // Offline, or the shop is being restarted: the next look may do better.
    }
    lookLater()
  }

  async function compare({ status, checking, updated_at }) {
    const now = [status, checking, updated_at].join()
    if (now === shown) return
    await showNewPage()
    shown = now
  }

  async function showNewPage() {
    const answer = await fetch(order.dataset.orderUrl, { cache: 'no-store' })
    if (!answer.ok) throw new Error(`the order's page answered ${answer.status}`)

    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const fresh = page.querySelector('main[data-order-status]')
    if (!fresh) throw new Error('that was not the page of an order')
    replaceWith(fresh, page.title)
  }

  function replaceWith(fresh, title) {
    const before = headingOf(order)
    const content = order.querySelector('[data-live]')
    const focused = content.contains(document.activeElement) ? document.activeElement : null

    for (const name of Object.keys(order.dataset)) delete order.dataset[name]
    Object.assign(order.dataset, fresh.dataset)
    content.replaceChildren(...fresh.querySelector('[data-live]').childNodes)
    document.title = title
    showButtons()

    if (focused) keepFocus(focused.id)
    const now = headingOf(order)
    if (now !== before) order.querySelector('[role=status]').textContent = now
  }

  function headingOf(main) {
    return main.querySelector('h1').textContent
  }

  function keepFocus(id) {
    const heading = order.querySelector('h1')
    heading.tabIndex = -1
    const same = id && document.getElementById(id)
    ;(same || heading).focus()
  }

  /** Buttons that can do nothing without this script are hidden until it runs. */
  function showButtons() {
    for (const button of document.querySelectorAll('[data-print]')) button.hidden = false
  }

  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-print]')) print()
  })

  // What Back brings out of the browser's memory may show as unpaid what has been paid since.
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return
    if (order) location.replace(order.dataset.orderUrl)
    else if (document.body.dataset.page === 'receipt') location.reload()
  })

  if (order) {
    document.addEventListener('visibilitychange', startLooking)
    startLooking()
  }
  showButtons()
  document.querySelector('.error-summary')?.focus()
}

// On the page of long work it shows how far that has come, until it ends or nobody looks.
{
  const GAP = 2 * 1000
  const job = document.querySelector('main[data-job-state=open]')

  function lookLater() {
    setTimeout(look, GAP)
  }

  async function look() {
    try {
      if (!document.hidden) await showProgress()
    } catch {
      // Offline, or the shop is being restarted: the next look may do better.
    }
    if (job.dataset.jobState === 'open') lookLater()
  }

  async function showProgress() {
    const answer = await fetch(job.dataset.jobUrl, { cache: 'no-store' })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const fresh = page.querySelector('main[data-job-state]')
    if (!fresh) throw new Error('that was not the page of a job')

    const focused = document.activeElement?.id
    job.dataset.jobState = fresh.dataset.jobState
    job
      .querySelector('[data-live]')
      .replaceChildren(...fresh.querySelector('[data-live]').childNodes)
    if (focused) document.getElementById(focused)?.focus()
    if (job.dataset.jobState !== 'open') {
      job.querySelector('[role=status]').textContent =
        job.querySelector('#job-sentence').textContent
    }
  }

  if (job) lookLater()
}

/// Ends one wait of another thread, the next one if there is none now.
package final class WakeSignal: Sendable {
    private let counter: EventCounter

    package init() throws(SystemError) { counter = try EventCounter() }

    package func wake() { counter.increment() }

    /// Takes back what was given so far, and tells whether anything was; called by whoever waits, before it looks at what it
    /// was woken for.
    package func reset() -> Bool { counter.reset() }

    /// For poll(2): readable until it is reset.
    package var descriptor: Int32 { counter.number }
}

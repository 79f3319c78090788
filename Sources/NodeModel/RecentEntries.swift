/// What is remembered from one scan to the next, as long as each asks for it.
package struct RecentEntries<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var used: [Key: Value] = [:]
    private var unused: [Key: Value] = [:]

    package init() {}

    package var count: Int { used.count + unused.count }
    /// How many were used since the last time.
    package var usedCount: Int { used.count }

    /// Whoever asks for an entry, or puts it, uses it.
    package subscript(key: Key) -> Value? {
        mutating get {
            if let value = unused.removeValue(forKey: key) { used[key] = value }
            return used[key]
        }
        set {
            unused[key] = nil
            used[key] = newValue
        }
    }

    package mutating func changeAll(_ changed: (Value) -> Value) {
        used = used.mapValues(changed)
        unused = unused.mapValues(changed)
    }

    /// Forgets what was not used since the last time.
    package mutating func forgetUnused() {
        unused = used
        used = [:]
    }
}

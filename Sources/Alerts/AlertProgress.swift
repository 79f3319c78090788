import LinuxSystem

/// How far the journal is dealt with, while several alerts are on their way at once.
///
/// Saved after each alert. A process that starts after a kill -9 tells again at most those alerts that were on their
/// way, and none that was told or given up; it misses none. Where the node itself went down before anything was ever dealt
/// with, those of that boot are not told: the first start begins with the present one.
package struct AlertProgress: Sendable, Equatable {
    /// Everything up to this entry is dealt with; `nil` at the very first start.
    package private(set) var position: String?
    /// The alerts after that, in the journal's order.
    private var window: [(cursor: String, isDone: Bool)] = []
    /// Alerts after the position that an earlier process dealt with, and this one has not met yet.
    private var doneBefore: Set<String> = []

    package init(position: String? = nil, doneBefore: Set<String> = []) {
        self.position = position
        self.doneBefore = doneBefore
    }

    package static func == (left: Self, right: Self) -> Bool { left.text == right.text }

    /// How many alerts wait for the oldest one that is not done, itself included.
    var waiting: Int { window.count }

    /// An entry of which nobody is to be told.
    mutating func pass(_ cursor: String) {
        // Behind an alert it is met once more after a restart, and passed again.
        if window.isEmpty { position = cursor }
    }

    /// An alert that is to be told; `false` where an earlier process has dealt with it.
    mutating func begin(_ cursor: String) -> Bool {
        let isDone = doneBefore.remove(cursor) != nil
        window.append((cursor, isDone))
        advance()
        return !isDone
    }

    /// An alert that was told or given up.
    mutating func finish(_ cursor: String) {
        guard let index = window.firstIndex(where: { $0.cursor == cursor }) else { return }
        window[index].isDone = true
        advance()
    }

    private mutating func advance() {
        let done = window.prefix { $0.isDone }
        if let last = done.last { position = last.cursor }
        window.removeFirst(done.count)
    }

    /// The position on a line, and each alert after it that is dealt with on a line of its own.
    var text: String {
        let done = window.filter(\.isDone).map(\.cursor) + doneBefore.sorted()
        return ([position ?? ""] + done).map { "\($0)\n" }.joined()
    }
}

import LinuxSystem

/// How long to wait before a request is sent again.
package struct Retry: Sendable {
    /// Seconds before the first repetition; doubles with each.
    package var first: Double
    package var longest: Double
    /// The most seconds that a server's wish is followed for.
    package var longestAsked: Double
    /// Waits some seconds; a test has it return at once.
    package var wait: @Sendable (Double) -> Void
    /// A number from 0 up to 1.
    package var random: @Sendable () -> Double

    package init(
        first: Double = 0.5, longest: Double = 60, longestAsked: Double = 600,
        wait: @escaping @Sendable (Double) -> Void = Clock.sleep,
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.first = first
        self.longest = longest
        self.longestAsked = longestAsked
        self.wait = wait
        self.random = random
    }

    /// The wait before repetition `number`, counted from 0: the server's wish, or between half and the whole of a time
    /// that doubles, so that the nodes of a cluster do not all come back at once.
    package func delay(_ number: Int, serverAsks: Double?) -> Double {
        if let serverAsks, serverAsks >= 0 { return min(serverAsks, longestAsked) + random() * first }
        var delay = first
        for _ in 0..<min(max(number, 0), 32) where delay < longest { delay *= 2 }
        return min(delay, longest) * (0.5 + random() / 2)
    }
}

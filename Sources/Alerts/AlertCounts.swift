/// What a follower has done since it started.
package struct AlertCounts: Sendable, Equatable, CustomStringConvertible {
    /// Alerts that their receiver took.
    package var told = 0
    /// Alerts that their receiver did not take within the time.
    package var givenUp = 0
    /// Alerts that an earlier process had dealt with already.
    package var known = 0

    package init(told: Int = 0, givenUp: Int = 0, known: Int = 0) {
        self.told = told
        self.givenUp = givenUp
        self.known = known
    }

    package var description: String { "\(told) told, \(givenUp) given up" }
}

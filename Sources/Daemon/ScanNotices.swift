import Configuration
import Findings
import LinuxSystem
import Logging
import NodeModel

/// What the log has to say of scans, each thing once: gaps, and entries of the allow-list without use.
struct ScanNotices {
    let logger: Logger
    private var gaps: Set<String> = []
    private var allowList: AllowList?
    /// The entries of which it is not known yet whether they cover anything: the API has to say it.
    private var undecided: Set<String> = []

    /// How many kinds and reasons of gaps are told; `breakoutd status` has all of the latest scan.
    private static let limit = 100

    init(logger: Logger) { self.logger = logger }

    /// - Parameter allowList: the operator's, once for each configuration.
    mutating func tell(of judgement: Judgement, _ allowList: AllowList) {
        for gap in judgement.gaps where gap.kind != .starting && gaps.count < Self.limit {
            // Of each kind and reason the first one only, as they come and go with tasks.
            guard gaps.insert("\(gap.kind.rawValue): \(gap.reason)").inserted else { continue }
            logger.warning("Not judged: \(gap.sentence)")
        }
        let time = Clock.wallMilliseconds()
        if self.allowList != allowList {
            self.allowList = allowList
            undecided = Set(allowList.entries.map(\.name))
            for name in allowList.expired(at: time) {
                logger.warning("Allow-list entry \(name): expired, counts no more")
            }
        }
        guard !undecided.isEmpty else { return }
        for name in allowList.unused(by: judgement, at: time) where undecided.contains(name) {
            logger.notice("Allow-list entry \(name): covers nothing on this node")
        }
        undecided = allowList.undecided(by: judgement, at: time).intersection(undecided)
    }
}

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
        // What an entry covers may wait for the API's word.
        guard self.allowList != allowList, judgement.awaited.isEmpty else { return }
        self.allowList = allowList
        let time = Clock.wallMilliseconds()
        for name in allowList.expired(at: time) { logger.warning("Allow-list entry \(name): expired, counts no more") }
        for name in allowList.unused(by: judgement.findings, at: time) {
            logger.notice("Allow-list entry \(name): covers nothing on this node")
        }
    }
}

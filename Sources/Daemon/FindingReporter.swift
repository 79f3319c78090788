import Checks
import Configuration
import Dispatch
import Findings
import LinuxSystem
import NodeModel
import Synchronization

/// Keeps the ledger of findings and tells what is news in it.
///
/// Records are delivered, or on disk to be, before the ledger is saved: a process that is killed in between repeats them
/// and loses none.
final class FindingReporter: Sendable {
    private let ledger: Mutex<FindingLedger>
    private let settings: LiveSettings
    private let isSaved = Mutex(true)
    private let isClosed = Mutex(false)
    private let news = DispatchSemaphore(value: 0)
    private let path: String
    private let counts: CountsBox
    private let deliver: @Sendable ([FindingRecord], Int64) -> Void
    private let isDelivered: @Sendable () -> Bool

    /// - Parameter isDelivered: whether nothing of what was handed over would go with the program.
    init(
        _ ledger: FindingLedger, settings: LiveSettings, statePath: String, counts: CountsBox,
        isDelivered: @escaping @Sendable () -> Bool = { true },
        deliver: @escaping @Sendable ([FindingRecord], Int64) -> Void
    ) {
        self.ledger = Mutex(ledger)
        self.settings = settings
        path = statePath
        self.counts = counts
        self.deliver = deliver
        self.isDelivered = isDelivered
    }

    /// Takes over another rate limit.
    func limit(_ limit: RateLimit) { ledger.withLock { $0.rateLimit = limit } }

    /// Takes in a scan.
    ///
    /// - Returns: the judgement with the severities that the allow-list leaves.
    @discardableResult
    func note(_ judgement: Judgement) -> Judgement {
        let allowed = judgement.adding(ledger.withLock(\.awaited))
            .allowing(settings.value.everythingAllowed, at: Clock.wallMilliseconds())
        note { ledger, time in ledger.update(with: allowed, at: time) }
        return allowed
    }

    /// Takes in what an event showed.
    func note(_ findings: [Finding]) {
        let allowList = settings.value.everythingAllowed
        note { ledger, time in
            findings.compactMap { ledger.update(with: $0.allowed(by: allowList, at: time), at: time) }
        }
    }

    /// Takes in nothing any more.
    func close() { ledger.withLock { _ in isClosed.withLock { $0 = true } } }

    /// Whether something is told only when the API has said whose it is.
    var awaitsAPI: Bool { ledger.withLock { !$0.awaited.isEmpty } }

    /// The files of the node of whose change something tells that is not over.
    var nodeFiles: Set<String> { ledger.withLock(\.nodeFiles) }

    /// One at a time, so that records come in the order of the ledger's changes.
    private func note(_ change: (inout FindingLedger, Int64) -> [FindingRecord]) {
        ledger.withLock { ledger in
            guard !isClosed.withLock({ $0 }) else { return }
            let time = Clock.wallMilliseconds()
            let (heldBackBefore, awaitedBefore) = (ledger.heldBackCount, ledger.awaited.keys)
            let records = change(&ledger, time)
            if !records.isEmpty { deliver(records, time) }
            // What waits for the API is in no record yet, as what is held back.
            let isMore = ledger.heldBackCount > heldBackBefore || ledger.awaited.keys != awaitedBefore
            if !records.isEmpty || isMore { noteUnsaved() }
            counts.update { counts in
                counts.findingsOpen = ledger.open.count
                counts.findingsHeldBack = UInt64(ledger.heldBackCount)
                counts.findingsRaised += UInt64(records.count { $0.change == .raised })
                counts.findingsCleared += UInt64(records.count { $0.change == .cleared })
            }
        }
    }

    private func noteUnsaved() {
        let isFirst = isSaved.withLock { isSaved in
            defer { isSaved = false }
            return isSaved
        }
        if isFirst { news.signal() }
    }

    /// Returns when there is something to save, or `endWait` was called.
    func waitForNews() { news.wait() }

    func endWait() { news.signal() }

    /// Saves the ledger if anything was told, held back or left to the API since the last time; for one thread.
    ///
    /// - Returns: false where it has to wait until what was told is out.
    func save() throws(SystemError) -> Bool {
        let isNeeded = isSaved.withLock { isSaved in
            defer { isSaved = true }
            return !isSaved
        }
        guard isNeeded else { return true }
        // What is told from now on is not in it, and need not be out.
        let ledger = ledger.withLock { $0 }
        guard isDelivered() else {
            isSaved.withLock { $0 = false }
            return false
        }
        do throws(SystemError) {
            try StateFile.save(ledger, to: path)
            return true
        } catch {
            isSaved.withLock { $0 = false }
            counts.update { $0.saveFailures += 1 }
            throw error
        }
    }
}

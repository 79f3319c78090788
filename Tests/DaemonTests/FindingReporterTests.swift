import Checks
import Configuration
import Findings
import LinuxSystem
import NodeModel
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite struct FindingReporterTests {
    private static let finding = finding("f-1")

    private static func finding(_ id: String) -> Finding {
        Finding(id: id, technique: Check.all[0].technique, severity: .high, declared: .undeclared, detail: "seen")
    }

    private func reporter(
        _ path: String, _ counts: CountsBox = CountsBox(), limit: RateLimit = .standard,
        isDelivered: @escaping @Sendable () -> Bool
    ) throws -> FindingReporter {
        FindingReporter(
            FindingLedger(limit), settings: LiveSettings(try DaemonConfiguration()), statePath: path, counts: counts,
            isDelivered: isDelivered
        ) { _, _ in }
    }

    /// A state that says of a finding that it was told, while a sink has it in memory, would lose it with the process.
    @Test func isNotSavedBeforeItIsDelivered() throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/state.json"
            let isDelivered = Mutex(false)
            let reporter = try reporter(path) { isDelivered.withLock { $0 } }
            reporter.note([Self.finding])
            var isSaved = try reporter.save()
            #expect(!isSaved)
            #expect(try StateFile.load(path, at: 0) == nil)
            isDelivered.withLock { $0 = true }
            isSaved = try reporter.save()
            #expect(isSaved)
            #expect(try StateFile.load(path, at: 0)?.open.values.map(\.finding.id) == ["f-1"])
        }
    }

    /// What comes when the sinks have ended is in no state: the next process is to tell it.
    @Test func nothingIsTakenInAtTheEnd() throws {
        try TemporaryDirectory.with { directory in
            let counts = CountsBox()
            let reporter = try reporter("\(directory.path)/state.json", counts) { true }
            reporter.note([Self.finding])
            reporter.close()
            reporter.note([Self.finding("f-2")])
            #expect(counts.value.findingsRaised == 1 && counts.value.findingsOpen == 1)
            let isSaved = try reporter.save()
            #expect(isSaved)
            let saved = try StateFile.load("\(directory.path)/state.json", at: 0)
            #expect(saved?.open.values.map(\.finding.id) == ["f-1"])
        }
    }

    /// What is held back after the last record is in none yet: the state has it, and the next process tells it.
    @Test func whatIsHeldBackIsSaved() throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/state.json"
            let limit = RateLimit(findings: 1, period: 3_600_000)
            let counts = CountsBox()
            let reporter = try reporter(path, counts, limit: limit) { true }
            reporter.note([Self.finding])
            var isSaved = try reporter.save()
            #expect(isSaved && counts.value.findingsHeldBack == 0)
            for id in ["f-2", "f-3"] { reporter.note([Self.finding(id)]) }
            #expect(counts.value.findingsHeldBack == 2)
            isSaved = try reporter.save()
            #expect(isSaved)
            var next = try #require(try StateFile.load(path, limit, at: 0))
            #expect(next.heldBack.map(\.count) == [2])
            let records = next.update(with: Judgement(node: .quiet, findings: [], gaps: []), at: 0)
            #expect(records.map(\.change) == [.heldBack] && records[0].heldBack?.count == 2)
        }
    }

    /// A privileged pod, whose container the API knows, and what allows it by the API's word.
    private static func allowedPod() throws -> (node: Node, configuration: DaemonConfiguration) {
        let node = try Node.quiet.changingBundle {
            $0.capabilities = TaskCredentials.root.permitted
            ($0.hasSeccomp, $0.maskedPaths, $0.allowsAllDevices) = (false, [], true)
        }.declaring(
            container: #""securityContext": {"privileged": true}"#, spec: #""serviceAccountName": "web""#)
        var configuration = try DaemonConfiguration()
        let pods = AllowList.PodPattern(namespace: NamePattern("shop"), serviceAccount: NamePattern("web"))
        let rule = try AllowList.Rule(techniques: [NamePattern("privileged")])
        configuration.allowList = AllowList([
            try AllowList.Entry(name: "e", reason: "r", pods: pods, rules: [rule])
        ])
        return (node, configuration)
    }

    /// What waits for the API is told as it then is, though its container has ended; until then scans come faster.
    @Test func whatWaitsForTheAPI() throws {
        let (listed, configuration) = try Self.allowedPod()
        let told = Mutex<[String]>([])
        let reporter = FindingReporter(
            FindingLedger(), settings: LiveSettings(configuration), statePath: "/nowhere", counts: CountsBox()
        ) { records, _ in
            told.withLock { $0 += records.map { "\($0.change) \($0.finding.severity)" } }
        }
        reporter.note(Judgement(of: listed.changing { $0.apiPods = APIPods(failure: "not yet") }))
        #expect(told.withLock { $0 } == [] && reporter.awaitsAPI)
        let ended = Node.quiet.changing {
            ($0.tasks, $0.containers, $0.apiPods) = (Array($0.tasks.prefix(2)), [], listed.apiPods)
        }
        reporter.note(Judgement(of: ended))
        #expect(told.withLock { $0 } == ["raised info"] && !reporter.awaitsAPI)
    }

    /// The next process knows what waited for the API when this one ended.
    @Test func whatWaitsForTheAPIIsSaved() throws {
        try TemporaryDirectory.with { directory in
            let (listed, configuration) = try Self.allowedPod()
            let path = "\(directory.path)/state.json"
            let reporter = FindingReporter(
                FindingLedger(), settings: LiveSettings(configuration), statePath: path, counts: CountsBox()
            ) { _, _ in }
            reporter.note(Judgement(of: listed.withoutAnswer))
            let isSaved = try reporter.save()
            #expect(isSaved)
            let open = try #require(try StateFile.load(path, at: 0)).open.values
            #expect(open.map(\.finding.technique.id) == ["privileged"] && open.allSatisfy { $0.told == nil })
        }
    }

    /// A disk that is full or gone is tried again, and each failure counted.
    @Test func isSavedWhenThereIsADiskAgain() throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/later/state.json"
            let counts = CountsBox()
            let reporter = try reporter(path, counts) { true }
            var isSaved = try reporter.save()
            #expect(isSaved)
            reporter.note([Self.finding])
            for _ in 0..<2 { #expect(throws: SystemError.self) { _ = try reporter.save() } }
            #expect(counts.value.saveFailures == 2)
            try directory.directory("later")
            isSaved = try reporter.save()
            #expect(isSaved)
            #expect(try StateFile.load(path, at: 0)?.open.count == 1)
        }
    }

    @Test func theStateKeeperSaysThatItCannotSave() throws {
        try TemporaryDirectory.with { directory in
            let counts = CountsBox()
            let reporter = try reporter("\(directory.path)/later/state.json", counts) { true }
            let status = DaemonStatus(manager: ServiceManager(), counts: counts)
            let log = CollectedLog()
            let keeper = StateKeeper(reporter: reporter, status: status, logger: log.logger)
            reporter.note([Self.finding])
            let limit = Deadline(secondsFromNow: 1000)
            reporter.waitForNews()
            for _ in 0..<2 { #expect(!keeper.save(by: limit)) }
            #expect(status.stateFailure?.contains("No such file or directory") == true)
            #expect(log.messages.count == 1 && log.messages[0].hasPrefix("error Open findings cannot be saved"))
            try directory.directory("later")
            #expect(keeper.save(by: limit))
            #expect(status.stateFailure == nil)
            #expect(log.messages.last == "notice Open findings are saved again")
        }
    }

    /// A sink that takes nothing, with no disk to put it on, is said when that lasts.
    @Test func theStateKeeperWaitsForSinksForAWhile() throws {
        try TemporaryDirectory.with { directory in
            let counts = CountsBox()
            let isDelivered = Mutex(false)
            let reporter = try reporter("\(directory.path)/state.json", counts) { isDelivered.withLock { $0 } }
            let status = DaemonStatus(manager: ServiceManager(), counts: counts)
            let keeper = StateKeeper(reporter: reporter, status: status, logger: CollectedLog().logger)
            reporter.note([Self.finding])
            #expect(!keeper.save(by: Deadline(secondsFromNow: 1000)))
            #expect(status.stateFailure == nil)
            #expect(!keeper.save(by: Deadline(secondsFromNow: 0)))
            #expect(status.stateFailure == "there are records in memory that no sink has taken yet and no disk")
            isDelivered.withLock { $0 = true }
            #expect(keeper.save(by: Deadline(secondsFromNow: 0)))
            #expect(status.stateFailure == nil)
        }
    }
}

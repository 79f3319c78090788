import Checks
import Configuration
import Glibc
import LinuxSystem
import Logging
import NodeFiles
import NodeModel
import NodeSnapshot
import ProcFS
import Reports
import UnixSockets

extension Daemon {
    /// What the services of one run share.
    struct Parts: Sendable {
        /// The node's name.
        let node: String?
        let counts = CountsBox()
        let raised = RaisedFindings()
        let requests = ScanRequests()
        let pods = APIPodsBox()
        let witness = SelfTestWitness()
        let visits = NetworkVisits()
        let heardWrites = HeardWrites()
        let started: StartedContainers
        let run: RunMark
        let status: DaemonStatus
        let sinks: SinkSet
        let reporter: FindingReporter
        let scans: ScanLoop
        let events: EventWatch
        let files: NodeFileWatch
        private let settings: LiveSettings
        private let outlets: Outlets
        private let version: String
        private let asksAPI: Bool
        private let logger: Logger
        /// Seconds that a scan may take: one that hangs, as at a dead network mount, has to end long before the next is due.
        private static let scanLimit = 20.0
        /// What is to be said of the run before this one.
        private let interruption: String?
        private let startedAt = Clock.monotonicMicroseconds()

        init(_ daemon: Daemon) throws(SystemError) {
            let places = daemon.places
            (logger, version, asksAPI) = (daemon.logger, daemon.version, daemon.client != nil)
            settings = LiveSettings(daemon.settings)
            let manager = ServiceManager()
            status = DaemonStatus(manager: manager, counts: counts)
            let host = HostFacts.read(proc: places.proc, root: places.root)
            node = host.name
            run = RunMark(besideState: places.state, bootID: host.bootID)
            interruption = run.begin(at: Clock.wallMilliseconds())
            if let interruption { logger.warning("\(interruption)") }
            var origin = RecordOrigin(
                cluster: daemon.settings.clusterName, node: node, version: daemon.version)
            origin.countsByNode = daemon.settings.nodeMetrics
            outlets = Outlets(origin: origin, directory: places.spools, logger: daemon.logger)
            sinks = SinkSet(outlets.all(daemon.settings.sinks), logger: daemon.logger)
            reporter = FindingReporter(
                daemon.ledger(), settings: settings, statePath: places.state, counts: counts,
                isDelivered: { [sinks] in sinks.isDelivered },
                deliver: { [raised, sinks] records, time in
                    raised.add(records)
                    sinks.deliver(records, at: time)
                })
            let wake = try WakeSignal()
            let views = Latest<NodeView>(wake: wake)
            let writes = FileEventBox(wake: wake)
            started = StartedContainers(wake: wake)
            files = NodeFileWatch(
                root: places.root, owner: CgroupOwner(root: places.proc), process: ThreadProcess(root: places.proc),
                box: writes, heardWrites: heardWrites, requests: requests, status: status, counts: counts,
                logger: daemon.logger)
            events = EventWatch(
                root: places.root, views: views, writes: writes, started: started, wake: wake,
                makeJudge: { [reporter, requests, counts, witness, visits, heardWrites] in
                    EventJudge(
                        owner: CgroupOwner(root: places.proc),
                        namespaces: { try? ProcReader(root: places.proc).namespaces(of: $0) },
                        blockDevices: BlockDevices(root: places.root), reporter: reporter, requests: requests,
                        counts: counts, witness: witness, visits: visits, heardWrites: heardWrites)
                },
                requests: requests, status: status, counts: counts, beat: manager.beat, logger: daemon.logger)
            let readPods: @Sendable () -> APIPods = { [pods] in pods.value }
            scans = ScanLoop(
                options: SnapshotOptions(
                    proc: places.proc, root: places.root, watchedPaths: Check.scannedPaths, baseline: places.baseline,
                    timeLimit: Self.scanLimit, heardWrites: heardWrites, networkVisits: visits),
                readAPIPods: asksAPI ? readPods : nil, requests: requests, views: views, reporter: reporter,
                status: status, counts: counts, settings: settings, logger: daemon.logger)
        }

        /// Seconds since the API's word; `nil` where it is not asked or has not answered.
        @Sendable func apiAge() -> Double? { asksAPI ? pods.value.age(at: Clock.wallMilliseconds()) : nil }

        /// Goes on by another configuration.
        @Sendable func apply(_ new: DaemonConfiguration) {
            let old = settings.replace(with: new)
            reporter.limit(new.rateLimit)
            if old.sinks != new.sinks { sinks.replace { outlets.all(new.sinks) } }
            if old.api != new.api || old.clusterName != new.clusterName || old.nodeMetrics != new.nodeMetrics {
                logger.warning("The API's settings, the cluster's name and nodeMetrics change with the next start")
            }
            requests.request(.reload)
        }

        @Sendable func document() -> StatusDocument {
            StatusDocument(
                version: version, pid: getpid(), uptime: Double(Clock.monotonicMicroseconds() - startedAt) / 1_000_000,
                eventsFailure: status.eventsFailure, eventGaps: status.eventGaps,
                eventAbsences: status.eventAbsences,
                filesFailure: status.filesFailure, containersFailure: status.containersFailure,
                stateFailure: status.stateFailure, interruption: interruption, scanGaps: status.scanGaps,
                counts: counts.value, apiAge: apiAge(),
                apiFailure: asksAPI ? pods.value.failure : nil,
                sinks: sinks.states.map { StatusDocument.Sink($0.name, $0.state) })
        }
    }
}

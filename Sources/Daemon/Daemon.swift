package import Configuration
import Findings
import Glibc
package import HTTPTransport
package import KubernetesAPI
import LinuxSystem
package import Logging
import NodeModel
import NodeSnapshot
import ProcFS
import Reports
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The daemon: watches the node until it is told to end.
package struct Daemon: Sendable {
    /// Where the daemon reads and writes.
    package struct Places: Sendable {
        package var proc = "/proc"
        package var root = "/"
        package var state = StateFile.defaultPath
        package var spools = "/var/lib/breakoutd"
        package var statusSocket = StatusDocument.socket

        package init() {}
    }

    private let version: String
    private let places: Places
    private let settings: DaemonConfiguration
    private let client: (@Sendable (HTTPCancellation) throws(APIError) -> PodClient)?
    private let logger: Logger

    /// - Parameter client: makes the client for the Kubernetes API; `nil` where it is not to be asked.
    package init(
        version: String, places: Places, settings: DaemonConfiguration,
        client: (@Sendable (HTTPCancellation) throws(APIError) -> PodClient)?, logger: Logger
    ) {
        self.version = version
        self.places = places
        self.settings = settings
        self.client = client
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, and then delivers and saves what is left.
    package func run() async throws {
        let counts = CountsBox()
        let manager = ServiceManager()
        let status = DaemonStatus(manager: manager, counts: counts)
        let origin = RecordOrigin(
            cluster: settings.clusterName, node: HostFacts.read(proc: places.proc).name, version: version)
        let outlets = Outlets(origin: origin, directory: places.spools, logger: logger)
        let sinks = SinkSet(outlets.all(settings.sinks), logger: logger)
        let raised = RaisedFindings()
        let reporter = FindingReporter(
            ledger(), allowList: settings.allowList, statePath: places.state, counts: counts,
            deliver: { records, time in
                raised.add(records)
                sinks.deliver(records, at: time)
            })
        let requests = ScanRequests()
        let views = Latest<NodeView>()
        let pods = APIPodsBox()
        let readPods: (@Sendable () -> APIPods)? = if client == nil { nil } else { { pods.value } }
        let writes = FileEventBox()
        let started = Clock.monotonicMicroseconds()

        let events = EventWatch(
            views: views, writes: writes,
            makeJudge: { [places] in
                EventJudge(
                    owner: CgroupOwner(root: places.proc), reporter: reporter, requests: requests, counts: counts)
            },
            status: status, beat: manager.beat, logger: logger)
        let scans = ScanLoop(
            builder: SnapshotBuilder(
                SnapshotOptions(proc: places.proc, root: places.root),
                readAPIPods: readPods),
            requests: requests, views: views, reporter: reporter, status: status, counts: counts,
            period: Double(settings.scanPeriod) / 1000, logger: logger)
        let server = StatusServer(
            path: places.statusSocket,
            document: { [version, client] in
                StatusDocument(
                    version: version, pid: getpid(),
                    uptime: Double(Clock.monotonicMicroseconds() - started) / 1_000_000,
                    eventsFailure: status.eventsFailure, filesFailure: status.filesFailure, counts: counts.value,
                    apiAge: client == nil ? nil : pods.value.age(at: Clock.wallMilliseconds()),
                    apiFailure: client == nil ? nil : pods.value.failure,
                    sinks: sinks.states.map { StatusDocument.Sink($0.name, $0.state) })
            },
            logger: logger)
        // They end in the opposite order: what is found last is delivered, too.
        let containers = ContainerWatch(root: places.root, requests: requests, logger: logger)
        let files = NodeFileWatch(
            root: places.root, owner: CgroupOwner(root: places.proc), box: writes, status: status, counts: counts,
            logger: logger)
        let apiAge: @Sendable () -> Double? = { pods.value.age(at: Clock.wallMilliseconds()) }
        let heartbeat = Heartbeat(counts: counts, raised: raised, sinks: sinks, apiAge: apiAge)
        var services: [any Service] = [sinks, heartbeat, scans, events, files, containers, server]
        if let client {
            let cancellation = HTTPCancellation()
            services.append(
                APIWatch(
                    pods: pods, client: { () throws(APIError) in try client(cancellation) },
                    cancellation: cancellation))
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        try await group.run()
        status.setStopping()
        reporter.save()
    }

    /// What an earlier process left, or an empty ledger where there is nothing to go on with.
    private func ledger() -> FindingLedger {
        do {
            let time = Clock.wallMilliseconds()
            return try StateFile.load(places.state, settings.rateLimit, at: time) ?? FindingLedger(settings.rateLimit)
        } catch {
            logger.error("Findings are raised anew: \(error)")
            return FindingLedger(settings.rateLimit)
        }
    }
}

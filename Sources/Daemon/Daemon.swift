package import Configuration
import Findings
package import HTTPTransport
package import KubernetesAPI
import LinuxSystem
package import Logging
import NodeFiles
import ProcFS
import ServiceLifecycle
import UnixSignals

/// The daemon: watches the node until it is told to end.
package struct Daemon: Sendable {
    /// Where the daemon reads and writes.
    package struct Places: Sendable {
        package var proc = "/proc"
        package var root = "/"
        package var state = StateFile.defaultPath
        package var baseline = BaselineFile.defaultPath
        package var spools = "/var/lib/breakoutd"
        package var statusSocket = StatusDocument.socket

        package init() {}
    }

    let version: String
    let places: Places
    let settings: DaemonConfiguration
    let read: @Sendable () throws(ConfigurationError) -> DaemonConfiguration
    let client: (@Sendable (HTTPCancellation) throws(APIError) -> PodClient)?
    let logger: Logger

    /// - Parameters:
    ///   - read: reads the configuration anew, at SIGHUP.
    ///   - client: makes the client for the Kubernetes API; `nil` where it is not to be asked.
    package init(
        version: String, places: Places, settings: DaemonConfiguration,
        read: @escaping @Sendable () throws(ConfigurationError) -> DaemonConfiguration,
        client: (@Sendable (HTTPCancellation) throws(APIError) -> PodClient)?, logger: Logger
    ) {
        self.version = version
        self.places = places
        self.settings = settings
        self.read = read
        self.client = client
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, and then delivers and saves what is left.
    package func run() async throws {
        // A scan is read by several threads, one after another's: what one frees the next one needs.
        OwnMemory.shareHeap()
        let parts = try Parts(self)
        // They end in the opposite order: what is found last is delivered, too.
        var services: [any Service] = [
            parts.sinks,
            StateKeeper(reporter: parts.reporter, status: parts.status, logger: logger),
            Heartbeat(
                node: parts.node ?? "", counts: parts.counts, raised: parts.raised, sinks: parts.sinks,
                status: parts.status, apiAge: parts.apiAge, noteLife: parts.run.touch),
            parts.scans, parts.events,
            SelfTest(
                witness: parts.witness, requests: parts.requests, status: parts.status, counts: parts.counts,
                logger: logger),
            parts.files,
            ContainerWatch(
                root: places.root, owner: CgroupOwner(root: places.proc), requests: parts.requests,
                started: parts.started, status: parts.status, logger: logger),
            Reload(read: read, apply: parts.apply, status: parts.status, logger: logger),
        ]
        if let client {
            let cancellation = HTTPCancellation()
            services.append(
                APIWatch(
                    pods: parts.pods, client: { () throws(APIError) in try client(cancellation) },
                    cancellation: cancellation))
        }
        services.append(
            StatusServer(
                path: places.statusSocket, document: parts.document, onStop: parts.status.setStopping, logger: logger))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        try await group.run()
        let keeper = StateKeeper(reporter: parts.reporter, status: parts.status, logger: logger)
        _ = keeper.save(by: Deadline(secondsFromNow: 0))
        parts.run.end()
    }

    /// What an earlier process left, or an empty ledger where there is nothing to go on with.
    func ledger() -> FindingLedger {
        do {
            let time = Clock.wallMilliseconds()
            return try StateFile.load(places.state, settings.rateLimit, at: time) ?? FindingLedger(settings.rateLimit)
        } catch {
            logger.error("Findings are raised anew: \(error)")
            return FindingLedger(settings.rateLimit)
        }
    }
}

import ArgumentParser
import Configuration
import Daemon
import HTTPTransport
import KubernetesAPI
import Logging

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Watch this node until told to end, and tell what is found to the journal and the other sinks.",
        discussion: """
            Meant to be started by systemd. SIGTERM ends it with everything delivered and saved. What the daemon cannot \
            see, and why, is in its messages and in `breakoutd status`.
            """)

    @OptionGroup var settings: ConfigurationOptions
    @OptionGroup var api: APIOptions

    @Option(help: ArgumentHelp("A /proc that shows every process of the node.", valueName: "dir"))
    var proc = "/proc"

    @Option(help: ArgumentHelp("Where the node's root directory is, /host in a container.", valueName: "dir"))
    var root = "/"

    @Option(
        help: ArgumentHelp("Where findings that are open are kept over restarts.", valueName: "file"),
        completion: .file())
    var state = Daemon.Places().state

    @Option(
        help: ArgumentHelp("What 'breakoutd baseline' recorded, where there is such a file.", valueName: "file"),
        completion: .file())
    var baseline = Daemon.Places().baseline

    @Option(
        name: .customLong("status-socket"),
        help: ArgumentHelp("Where `breakoutd status` finds the daemon.", valueName: "path"), completion: .file())
    var statusSocket = StatusDocument.socket

    func run() async throws {
        let settings = try self.settings.read()
        var places = Daemon.Places()
        (places.proc, places.root, places.state, places.statusSocket) = (proc, root, state, statusSocket)
        places.baseline = baseline
        let daemon = Daemon(
            version: Breakoutd.configuration.version, places: places, settings: settings,
            read: { [self] () throws(ConfigurationError) in try self.settings.read() }, client: client(settings.api),
            logger: Logger(label: "breakoutd", factory: StandardErrorLog.init))
        try await daemon.run()
    }

    private func client(
        _ settings: DaemonConfiguration.API
    ) -> (@Sendable (HTTPCancellation) throws(APIError) -> PodClient)? {
        guard settings.isEnabled || api.isAsked else { return nil }
        return { [api, proc, root] cancellation throws(APIError) in
            let (access, nodeName) = try api.access(settings, proc: proc, root: root)
            return try access.podClient(nodeName: nodeName, cancellation: cancellation)
        }
    }
}

import AWS
import Configuration
import Delivery
import FoundationEssentials
import HTTPTransport
import LinuxSystem
import Logging
import Reports

/// Makes the sinks that a configuration names.
struct Outlets {
    let origin: RecordOrigin
    /// A directory for the spools.
    let directory: String
    let logger: Logger

    func all(_ settings: DaemonConfiguration.Sinks) -> [Outlet] {
        var outlets: [Outlet] = []
        if let journal = settings.journal {
            let format = OutletFormat.journal
            let sink = JournalSink.start(
                reserve: "\(directory)/journal", logger: logger, sinkSettings("journal", format))
            outlets.append(Outlet(sink: sink, minSeverity: journal.minSeverity, format: format))
        }
        if let file = settings.file {
            let format = OutletFormat.line(LineFormat(rawValue: file.format.rawValue) ?? .ndjson, origin)
            let rotation = FileRotation(bytes: Int(clamping: file.size), count: file.count)
            let sink = FileSink.start(
                file.path, rotation, reserve: "\(directory)/file", sinkSettings("file", format))
            outlets.append(Outlet(sink: sink, minSeverity: file.minSeverity, format: format))
        }
        if let agent = settings.agent { outlets += [agentOutlet(agent)].compactMap { $0 } }
        if let logs = settings.cloudWatchLogs { outlets += [logsOutlet(logs)].compactMap { $0 } }
        return outlets
    }

    private func agentOutlet(_ agent: DaemonConfiguration.Agent) -> Outlet? {
        guard let address = AgentAddress(agent.address.text) else {
            logger.error("agent: \(agent.address.text) is no address on this machine")
            return nil
        }
        var origin = origin
        origin.agentLogGroup = agent.group
        let format = OutletFormat.line(.emf, origin)
        return Outlet(
            sink: SocketSink.start(address, reserve: "\(directory)/agent", sinkSettings("agent", format)),
            minSeverity: agent.minSeverity, format: format)
    }

    private func logsOutlet(_ logs: DaemonConfiguration.CloudWatchLogs) -> Outlet? {
        let environment = ProcessInfo.processInfo.environment
        let named = logs.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
        guard let region = named ?? instanceRegion() else {
            logger.error("cloudwatch: the region is not known (sinks.cloudwatchLogs.region)")
            return nil
        }
        let destination: LogDestination
        do {
            destination = try LogDestination(
                region: region, group: logs.group, stream: logs.stream ?? origin.node ?? "breakoutd",
                endpoint: environment["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"] ?? environment["AWS_ENDPOINT_URL"],
                createsMissing: logs.create)
        } catch {
            logger.error("cloudwatch: \(error)")
            return nil
        }
        let format = OutletFormat.line(.emf, origin)
        let sink = CloudWatchSink.start(
            to: destination, spool: "\(directory)/cloudwatch", spoolLimit: Int(clamping: logs.spool),
            environment: environment, sinkSettings("cloudwatch", format))
        return Outlet(sink: sink, minSeverity: logs.minSeverity, format: format)
    }

    /// The region of the instance that this is, if it is one.
    private func instanceRegion() -> String? {
        guard let client = try? HTTPClient() else { return nil }
        let environment = ProcessInfo.processInfo.environment
        let metadata = InstanceMetadata(client: client, environment: environment, pause: { Clock.sleep(seconds: $0) })
        return try? metadata.value(of: .region, at: Clock.wallMilliseconds() / 1000)
    }

    private func sinkSettings(_ name: String, _ format: OutletFormat) -> SinkSettings {
        SinkSettings(
            statement: { loss, time in format.text(loss, at: time) },
            onChange: { [logger] reason in
                if let reason { logger.warning("\(name): \(reason)") } else { logger.notice("\(name): delivers again") }
            })
    }
}

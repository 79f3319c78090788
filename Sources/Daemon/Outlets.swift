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
        if let hub = settings.securityHub { outlets += [hubOutlet(hub)].compactMap { $0 } }
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
        guard let region = region(logs.region) else {
            logger.error("cloudwatch: the region is not known (sinks.cloudwatchLogs.region)")
            return nil
        }
        let destination: LogDestination
        do {
            destination = try LogDestination(
                region: region, group: logs.group, stream: logs.stream ?? origin.node ?? "breakoutd",
                endpoint: environment["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"] ?? environment["AWS_ENDPOINT_URL"],
                createsGroup: logs.create)
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

    private func hubOutlet(_ hub: DaemonConfiguration.SecurityHub) -> Outlet? {
        let endpoint = environment["AWS_ENDPOINT_URL_SECURITYHUB"] ?? environment["AWS_ENDPOINT_URL"]
        guard let region = region(hub.region), let address = HubAddress(region: region, endpoint: endpoint) else {
            logger.error("security-hub: the region or the endpoint is not known (sinks.securityHub.region)")
            return nil
        }
        var origin = origin
        origin.account = RecordOrigin.Account(id: hub.account, region: region)
        origin.instance = instance(.instanceID)
        let format = OutletFormat.line(.asff, origin)
        let sink = SecurityHubSink.start(
            to: address, spool: "\(directory)/security-hub", spoolLimit: Int(clamping: hub.spool),
            environment: environment, sinkSettings("security-hub", format))
        return Outlet(sink: sink, minSeverity: hub.minSeverity, format: format)
    }

    private var environment: [String: String] { ProcessInfo.processInfo.environment }

    private func region(_ configured: String?) -> String? {
        configured ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? instance(.region)
    }

    /// What the instance that this is knows of itself; `nil` where it is none.
    private func instance(_ fact: InstanceMetadata.Fact) -> String? {
        guard let client = try? HTTPClient() else { return nil }
        let metadata = InstanceMetadata(client: client, environment: environment, pause: { Clock.sleep(seconds: $0) })
        return try? metadata.value(of: fact, at: Clock.wallMilliseconds() / 1000)
    }

    private func sinkSettings(_ name: String, _ format: OutletFormat) -> SinkSettings {
        SinkSettings(
            statement: { loss, time in format.text(loss, at: time) },
            onChange: { [logger] reason in
                if let reason { logger.warning("\(name): \(reason)") } else { logger.notice("\(name): delivers again") }
            })
    }
}

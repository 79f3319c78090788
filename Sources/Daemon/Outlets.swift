import AWS
import Configuration
import Delivery
import FoundationEssentials
import Logging
import Reports

/// Makes the sinks that a configuration names.
struct Outlets {
    let origin: RecordOrigin
    /// A directory for the spools.
    let directory: String
    /// Where credentials, region and endpoints may be, as the AWS SDKs have it.
    var environment = ProcessInfo.processInfo.environment
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
            let format = lines(file.format)
            // The rotation counts those beside the present one.
            let rotation = FileRotation(bytes: Int(clamping: file.size), count: file.count - 1)
            let sink = FileSink.start(
                file.path, rotation, reserve: "\(directory)/file", sinkSettings("file", format))
            outlets.append(Outlet(sink: sink, minSeverity: file.minSeverity, format: format))
        }
        if let output = settings.standardOutput {
            let format = lines(output.format)
            let sink = StandardOutputSink.start(reserve: "\(directory)/stdout", sinkSettings("stdout", format))
            outlets.append(Outlet(sink: sink, minSeverity: output.minSeverity, format: format))
        }
        if let agent = settings.agent { outlets.append(agentOutlet(agent)) }
        if let logs = settings.cloudWatchLogs { outlets.append(logsOutlet(logs)) }
        if let hub = settings.securityHub { outlets.append(hubOutlet(hub)) }
        return outlets
    }

    private func agentOutlet(_ agent: DaemonConfiguration.Agent) -> Outlet {
        var origin = origin
        origin.agentLogGroup = agent.group
        let format = OutletFormat.line(.emf, origin)
        return Outlet(
            sink: SocketSink.start(agent.address, reserve: "\(directory)/agent", sinkSettings("agent", format)),
            minSeverity: agent.minSeverity, format: format)
    }

    private func logsOutlet(_ logs: DaemonConfiguration.CloudWatchLogs) -> Outlet {
        let format = OutletFormat.line(.emf, origin)
        let stream = logs.stream ?? origin.node ?? "breakoutd"
        let endpoint = environment["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"] ?? environment["AWS_ENDPOINT_URL"]
        let sink = CloudWatchSink.start(
            region: logs.region,
            to: { region throws(LogDestination.Invalid) in
                try LogDestination(
                    region: region, group: logs.group, stream: stream, endpoint: endpoint, createsGroup: logs.create)
            },
            spool: "\(directory)/cloudwatch", spoolLimit: Int(clamping: logs.spool), environment: environment,
            sinkSettings("cloudwatch", format))
        return Outlet(sink: sink, minSeverity: logs.minSeverity, format: format)
    }

    private func hubOutlet(_ hub: DaemonConfiguration.SecurityHub) -> Outlet {
        let format = OutletFormat.line(.asff, origin)
        let sink = SecurityHubSink.start(
            region: hub.region,
            endpoint: environment["AWS_ENDPOINT_URL_SECURITYHUB"] ?? environment["AWS_ENDPOINT_URL"],
            document: { [origin] text, place in
                var origin = origin
                origin.account = RecordOrigin.Account(id: hub.account, region: place.region)
                origin.instance = place.instance
                return try? EventLine.hubDocument(text, from: origin)
            },
            spool: "\(directory)/security-hub", spoolLimit: Int(clamping: hub.spool), environment: environment,
            sinkSettings("security-hub", format))
        return Outlet(sink: sink, minSeverity: hub.minSeverity, format: format)
    }

    private func lines(_ format: DaemonConfiguration.Format) -> OutletFormat {
        let form: LineFormat =
            switch format {
            case .ndjson: .ndjson
            case .emf: .emf
            case .ocsf: .ocsf
            }
        return .line(form, origin)
    }

    private func sinkSettings(_ name: String, _ format: OutletFormat) -> SinkSettings {
        SinkSettings(
            statement: { loss, time in format.text(loss, at: time) },
            onChange: { [logger] reason in
                if let reason { logger.warning("\(name): \(reason)") } else { logger.notice("\(name): delivers again") }
            })
    }
}

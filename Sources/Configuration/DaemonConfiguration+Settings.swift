import Checks
import Findings

extension DaemonConfiguration {
    init(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        self.init()
        clusterName = try settings.text("clusterName")
        if var scan = try settings.settings("scan") {
            scanPeriod = try scan.duration("period", in: 5000...86_400_000) ?? scanPeriod
            try scan.finish()
        }
        if let sinks = try settings.settings("sinks") { self.sinks = try Sinks(sinks) }
        if let api = try settings.settings("api") { self.api = try API(api) }
        if var limit = try settings.settings("rateLimit") {
            rateLimit.findings = try limit.count("findings", in: 1...100_000) ?? rateLimit.findings
            rateLimit.period = try limit.duration("period", in: 1000...86_400_000) ?? rateLimit.period
            try limit.finish()
        }
        allowList = try AllowList(try settings.list("allow"))
        try settings.finish()
    }
}

extension DaemonConfiguration.API {
    fileprivate init(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        self.init()
        isEnabled = try settings.flag("enabled") ?? isEnabled
        kubeconfig = try settings.absolutePath("kubeconfig")
        nodeName = try settings.text("nodeName")
        plugins = Set(try settings.absolutePaths("plugins") ?? [])
        try settings.finish()
    }
}

extension AllowList {
    fileprivate init(_ list: [SettingsReader]) throws(ConfigurationError) {
        self.init()
        for settings in list {
            let entry = try Entry(settings)
            if entries.contains(where: { $0.name == entry.name }) {
                throw settings.error("name", "another entry has this name")
            }
            entries.append(entry)
        }
    }
}

extension AllowList.Entry {
    fileprivate init(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        let name = try settings.required("name", try settings.text("name"))
        let reason = try settings.required("reason", try settings.text("reason"))
        let namespace = try settings.required("namespace", try settings.text("namespace"))
        let pod = try settings.text("pod") ?? "*"
        let techniques = try settings.required("techniques", try settings.texts("techniques"))
        let evidence = try settings.evidence("evidence")
        let expires = try settings.day("expires")
        try settings.finish()
        do throws(AllowListError) {
            try self.init(
                name: name, reason: reason, namespace: NamePattern(namespace), pod: NamePattern(pod),
                techniques: techniques.map(NamePattern.init), evidence: evidence, expires: expires)
        } catch {
            throw settings.error("techniques", error.description)
        }
    }
}

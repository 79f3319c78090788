import Findings

extension DaemonConfiguration {
    init(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        try self.init()
        clusterName = try settings.text("clusterName")
        nodeMetrics = try settings.flag("nodeMetrics") ?? nodeMetrics
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
        if let addOns = try settings.settings("addOns") { self.addOns = try AddOns(addOns, profile) }
        allowList = try AllowList(try settings.list("allow"), registries: profile.registries)
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

extension DaemonConfiguration.AddOns {
    fileprivate init(_ settings: SettingsReader, _ profile: AddOnProfile) throws(ConfigurationError) {
        var settings = settings
        self.init()
        isEnabled = try settings.flag("enabled") ?? isEnabled
        if var namespaces = try settings.settings("namespaces") {
            for entry in profile.allowList.entries { self.namespaces[entry.name] = try namespaces.text(entry.name) }
            try namespaces.finish()
        }
        try settings.finish()
    }
}

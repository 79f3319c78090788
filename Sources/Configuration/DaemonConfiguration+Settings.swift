import Findings

extension DaemonConfiguration {
    init(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        self.init()
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
        if let addOns = try settings.settings("addOns") { self.addOns = try AddOns(addOns) }
        allowList = try AllowList(try settings.list("allow"), registries: AddOnProfile.builtIn.registries)
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
    fileprivate init(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        self.init()
        isEnabled = try settings.flag("enabled") ?? isEnabled
        let known = AddOnProfile.builtIn.allowList.entries.map(\.name)
        if var namespaces = try settings.settings("namespaces") {
            for name in known { self.namespaces[name] = try namespaces.text(name) }
            try namespaces.finish()
        }
        try settings.finish()
    }
}

import Checks
import LinuxSystem
import Manifests

extension DaemonConfiguration.Sinks {
    init(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        self.init()
        try settings.sink("journal", &journal)
        try settings.sink("file", &file)
        try settings.sink("stdout", &standardOutput)
        try settings.sink("agent", &agent)
        try settings.sink("cloudwatchLogs", &cloudWatchLogs)
        try settings.sink("securityHub", &securityHub)
        try settings.finish()
    }
}

/// The settings of a sink, with what all of them have.
private protocol ConfiguredSink {
    var minSeverity: Severity { get set }
    init(reading settings: inout SettingsReader) throws(ConfigurationError)
}

extension SettingsReader {
    /// A sink is on where it is named and has no `enabled: false`; its other settings are checked all the same.
    fileprivate mutating func sink(
        _ key: String, _ sink: inout (some ConfiguredSink)?
    ) throws(ConfigurationError) {
        guard var own = try settings(key) else { return }
        let isEnabled = try own.flag("enabled") ?? true
        sink = try .init(reading: &own)
        if let least = try own.severity("minSeverity") { sink?.minSeverity = least }
        try own.finish()
        if !isEnabled { sink = nil }
    }
}

extension DaemonConfiguration.Journal: ConfiguredSink {
    fileprivate init(reading settings: inout SettingsReader) throws(ConfigurationError) {
        self.init()
    }
}

extension DaemonConfiguration.File: ConfiguredSink {
    fileprivate init(reading settings: inout SettingsReader) throws(ConfigurationError) {
        self.init(path: try settings.required("path", try settings.absolutePath("path")))
        size = try settings.size("size", in: (64 << 10)...(1 << 40)) ?? size
        count = try settings.count("count", in: 1...1000) ?? count
        format = try settings.format("format") ?? format
    }
}

extension DaemonConfiguration.StandardOutput: ConfiguredSink {
    fileprivate init(reading settings: inout SettingsReader) throws(ConfigurationError) {
        self.init()
        format = try settings.format("format") ?? format
    }
}

extension DaemonConfiguration.Agent: ConfiguredSink {
    fileprivate init(reading settings: inout SettingsReader) throws(ConfigurationError) {
        self.init()
        address =
            try settings.read("address", "tcp://127.0.0.1:PORT, tcp://localhost:PORT, tcp://[::1]:PORT or unix:///PATH")
        {
            $0.string.flatMap(LocalEndpoint.init)
        }
            ?? address
        group = try settings.logGroup("group") ?? group
    }
}

extension DaemonConfiguration.CloudWatchLogs: ConfiguredSink {
    fileprivate init(reading settings: inout SettingsReader) throws(ConfigurationError) {
        self.init()
        group = try settings.logGroup("group") ?? group
        stream = try settings.read("stream", "a log stream's name: no : and no *, at most 512") {
            $0.string?.name { $0 >= UInt8(ascii: " ") && $0 != 0x7F && !":*".utf8.contains($0) }
        }
        region = try settings.region("region")
        create = try settings.flag("create") ?? create
        spool = try settings.size("spool", in: (1 << 20)...(1 << 40)) ?? spool
    }
}

extension DaemonConfiguration.SecurityHub: ConfiguredSink {
    fileprivate init(reading settings: inout SettingsReader) throws(ConfigurationError) {
        let account = try settings.read("account", "an account of AWS: 12 digits, in quotation marks") {
            $0.string.flatMap { $0.utf8.count == 12 && $0.utf8.allSatisfy(\.isDigit) ? $0 : nil }
        }
        self.init(account: try settings.required("account", account))
        region = try settings.region("region")
        spool = try settings.size("spool", in: (1 << 20)...(1 << 40)) ?? spool
    }
}

extension SettingsReader {
    fileprivate mutating func format(_ key: String) throws(ConfigurationError) -> DaemonConfiguration.Format? {
        try read(key, "ndjson, emf or ocsf") { $0.string.flatMap(DaemonConfiguration.Format.init) }
    }

    fileprivate mutating func region(_ key: String) throws(ConfigurationError) -> String? {
        try read(key, "a region such as eu-west-1") { $0.string?.name { $0.isPlain || $0 == UInt8(ascii: "-") } }
    }

    fileprivate mutating func logGroup(_ key: String) throws(ConfigurationError) -> String? {
        try read(key, "a log group's name: letters, digits and _-/.#, at most 512") {
            $0.string?.name { $0.isPlain || "_-/.#".utf8.contains($0) }
        }
    }
}

extension String {
    /// A name of at most 512 such bytes (the CloudWatch Logs API, CreateLogGroup and CreateLogStream).
    fileprivate func name(of isRight: (UInt8) -> Bool) -> String? {
        (1...512).contains(utf8.count) && utf8.allSatisfy(isRight) ? self : nil
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// A letter or digit.
    fileprivate var isPlain: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

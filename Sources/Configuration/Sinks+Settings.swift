import Checks
import Manifests

extension DaemonConfiguration.Sinks {
    init(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        self.init()
        if let journal = try settings.settings("journal") { self.journal = try .init(journal) }
        if let file = try settings.settings("file") { self.file = try .init(file) }
        if let output = try settings.settings("stdout") { standardOutput = try .init(output) }
        if let agent = try settings.settings("agent") { self.agent = try .init(agent) }
        if let logs = try settings.settings("cloudwatchLogs") { cloudWatchLogs = try .init(logs) }
        if let hub = try settings.settings("securityHub") { securityHub = try .init(hub) }
        try settings.finish()
    }
}

/// A sink is on where it is named and has no `enabled: false`; its other settings are checked all the same.
extension DaemonConfiguration.Journal {
    fileprivate init?(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        let isEnabled = try settings.flag("enabled") ?? true
        self.init()
        minSeverity = try settings.severity("minSeverity") ?? minSeverity
        try settings.finish()
        if !isEnabled { return nil }
    }
}

extension DaemonConfiguration.File {
    fileprivate init?(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        let isEnabled = try settings.flag("enabled") ?? true
        self.init(path: try settings.required("path", try settings.absolutePath("path")))
        minSeverity = try settings.severity("minSeverity") ?? minSeverity
        size = try settings.size("size", in: (64 << 10)...(1 << 40)) ?? size
        count = try settings.count("count", in: 1...1000) ?? count
        format = try settings.format("format") ?? format
        try settings.finish()
        if !isEnabled { return nil }
    }
}

extension DaemonConfiguration.StandardOutput {
    fileprivate init?(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        let isEnabled = try settings.flag("enabled") ?? true
        self.init()
        minSeverity = try settings.severity("minSeverity") ?? minSeverity
        format = try settings.format("format") ?? format
        try settings.finish()
        if !isEnabled { return nil }
    }
}

extension DaemonConfiguration.Agent {
    fileprivate init?(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        let isEnabled = try settings.flag("enabled") ?? true
        self.init()
        minSeverity = try settings.severity("minSeverity") ?? minSeverity
        address =
            try settings.read("address", "tcp://HOST:PORT or unix:///PATH") { $0.string.flatMap(Address.init) }
            ?? address
        group = try settings.logGroup("group") ?? group
        try settings.finish()
        if !isEnabled { return nil }
    }
}

extension DaemonConfiguration.Agent.Address {
    /// `tcp://HOST:PORT`, an IPv6 address in brackets, or `unix:///PATH`, which a socket's address holds up to 107 bytes
    /// of (unix(7)).
    init?(_ text: String) {
        if text.hasPrefix("unix:///"), text.utf8.count - 7 < 108, !text.utf8.contains(0) {
            self = .unix(path: String(text.dropFirst(7)))
            return
        }
        guard text.hasPrefix("tcp://"), let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon].dropFirst(6)
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(digits), port > 0, digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }) else {
            return nil
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        let isName = host.utf8.allSatisfy { $0 > UInt8(ascii: " ") && $0 < 0x7F && $0 != UInt8(ascii: "/") }
        guard !host.isEmpty, isName else { return nil }
        self = .tcp(host: String(host), port: port)
    }
}

extension DaemonConfiguration.CloudWatchLogs {
    fileprivate init?(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        let isEnabled = try settings.flag("enabled") ?? true
        self.init()
        minSeverity = try settings.severity("minSeverity") ?? minSeverity
        group = try settings.logGroup("group") ?? group
        stream = try settings.read("stream", "a log stream's name: no : and no *, at most 512") {
            $0.string?.name { $0 >= UInt8(ascii: " ") && $0 != 0x7F && !":*".utf8.contains($0) }
        }
        region = try settings.region("region")
        create = try settings.flag("create") ?? create
        spool = try settings.size("spool", in: (1 << 20)...(1 << 40)) ?? spool
        try settings.finish()
        if !isEnabled { return nil }
    }
}

extension DaemonConfiguration.SecurityHub {
    fileprivate init?(_ settings: SettingsReader) throws(ConfigurationError) {
        var settings = settings
        let isEnabled = try settings.flag("enabled") ?? true
        let account = try settings.read("account", "an account of AWS: 12 digits, in quotation marks") {
            $0.string.flatMap { $0.utf8.count == 12 && $0.utf8.allSatisfy(\.isDigit) ? $0 : nil }
        }
        self.init(account: try settings.required("account", account))
        minSeverity = try settings.severity("minSeverity") ?? minSeverity
        region = try settings.region("region")
        spool = try settings.size("spool", in: (1 << 20)...(1 << 40)) ?? spool
        try settings.finish()
        if !isEnabled { return nil }
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

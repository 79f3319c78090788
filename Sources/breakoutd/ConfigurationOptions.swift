import ArgumentParser
import Configuration

/// Where the settings come from.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take the allow-list and the settings of the API from this file. (default: \(ConfigurationFile.defaultPath))",
            valueName: "file"),
        completion: .file())
    var config: String?

    /// The settings of the file that is named, or of the usual one, where there is one.
    func read() throws(ConfigurationError) -> DaemonConfiguration {
        if let config { return try ConfigurationFile.read(config) }
        guard let found = try ConfigurationFile.readIfPresent() else { return try DaemonConfiguration() }
        return found
    }

    /// The settings of the file that is named, else the defaults.
    func readNamed() throws(ConfigurationError) -> DaemonConfiguration {
        try config == nil ? DaemonConfiguration() : read()
    }
}

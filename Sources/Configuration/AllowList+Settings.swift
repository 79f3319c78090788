import Checks
import Findings

extension AllowList {
    /// - Parameter registries: the hosts that `EKS/` stands for in the name of an image.
    init(_ list: [SettingsReader], registries: [String]) throws(ConfigurationError) {
        self.init()
        for settings in list {
            let entry = try Entry(settings, registries)
            if entries.contains(where: { $0.name == entry.name }) {
                throw settings.error("name", "another entry has this name")
            }
            entries.append(entry)
        }
    }
}

extension AllowList.Entry {
    fileprivate init(_ settings: SettingsReader, _ registries: [String]) throws(ConfigurationError) {
        var settings = settings
        let name = try settings.required("name", try settings.text("name"))
        let reason = try settings.required("reason", try settings.text("reason"))
        let namespace = try settings.required("namespace", try settings.text("namespace"))
        let pods = AllowList.PodPattern(
            namespace: NamePattern(namespace), pod: NamePattern(try settings.text("pod") ?? "*"),
            owner: try settings.text("owner").map(NamePattern.init),
            serviceAccount: try settings.text("serviceAccount").map(NamePattern.init))
        var rules: [AllowList.Rule] = []
        for rule in try settings.list("findings") { rules.append(try AllowList.Rule(rule, registries)) }
        let expires = try settings.day("expires")
        try settings.finish()
        do throws(AllowListError) {
            try self.init(name: name, reason: reason, pods: pods, rules: rules, expires: expires)
        } catch {
            let key =
                switch error {
                case .noReason: "reason"
                case .everyPod: "namespace"
                default: "findings"
                }
            throw settings.error(key, error.description)
        }
    }
}

extension AllowList.Rule {
    fileprivate init(_ settings: SettingsReader, _ registries: [String]) throws(ConfigurationError) {
        var settings = settings
        let techniques = try settings.required("techniques", try settings.texts("techniques"))
        var images: [ImageRepository] = []
        for text in try settings.texts("images") ?? [] {
            let names = text.hasPrefix("EKS/") ? registries.map { $0 + text.dropFirst(3) } : [text]
            for name in names {
                guard let image = ImageRepository(name) else {
                    throw settings.error("images", "\"\(text)\" is no repository with its registry, or EKS/ before it")
                }
                images.append(image)
            }
        }
        let containers = try settings.texts("containers") ?? []
        let initContainers = try settings.texts("initContainers") ?? []
        let users = try settings.numbers("users") ?? []
        let evidence = try settings.evidence("evidence")
        try settings.finish()
        do throws(AllowListError) {
            try self.init(
                techniques: techniques.map(NamePattern.init), images: images, containers: containers,
                initContainers: initContainers, users: users, evidence: evidence)
        } catch {
            throw settings.error("techniques", error.description)
        }
    }
}

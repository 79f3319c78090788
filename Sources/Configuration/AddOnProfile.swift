import Checks
package import Findings
import Manifests

/// The profile of add-ons: what is known to run on EKS nodes, and which exposures it may have (Resources/AddOns.yaml).
///
/// Each entry is bound to namespace, owner, service account and image repositories, by the word of the Kubernetes API; it
/// lowers exposures only, and only those that the specification declares.
package struct AddOnProfile: Sendable, Equatable {
    package let version: String
    /// The hosts that `EKS/` stands for in the name of an image.
    package let registries: [String]
    package let allowList: AllowList

    /// What breakoutd comes with.
    package static func builtIn() throws(ConfigurationError) -> AddOnProfile { try known.get() }

    private static let known = Result { () throws(ConfigurationError) in
        try AddOnProfile(PackageResources.AddOns_yaml, file: "AddOns.yaml")
    }

    init(_ bytes: [UInt8], file: String) throws(ConfigurationError) {
        guard let root = try ConfigurationFile.document(bytes, file: file) else {
            throw ConfigurationError(file: file, reason: "there is nothing in it")
        }
        var settings = try SettingsReader(root, file: file, path: "")
        version = try settings.required("version", try settings.text("version"))
        registries = try settings.texts("registries") ?? []
        allowList = try AllowList(try settings.list("entries"), registries: registries)
        try settings.finish()
    }

    /// The entries for an allow-list, some of them in other namespaces than the usual.
    func entries(in namespaces: [String: String]) -> [AllowList.Entry] {
        allowList.entries.map { entry in
            var pods = entry.pods
            if let namespace = namespaces[entry.name] { pods.namespace = NamePattern(namespace) }
            return entry.renamed("add-on \(entry.name)", pods)
        }
    }
}

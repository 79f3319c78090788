package import PodSecurity

/// The PodSecurityPolicies of a file; other objects in it are passed over.
package enum PolicyFile {
    /// Reads all of them; one that is broken is an error of the file, since without it other pods would be refused.
    package static func policies(in bytes: [UInt8], name: String) throws(ManifestError) -> [PodSecurityPolicy] {
        var policies: [PodSecurityPolicy] = []
        var failure: ManifestError?
        ManifestReader.read(bytes, name: name) { result in
            do throws(ManifestError) {
                let document = try result.get()
                guard failure == nil, let root = document.root, !root.isNull else { return }
                let context = ManifestContext(name: name, document: document.number, showsValues: true)
                policies += try Self.policies(in: root, context)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        if policies.isEmpty { throw ManifestError(name: name, reason: "no PodSecurityPolicy in it") }
        return policies
    }

    private static func policies(
        in root: ManifestNode, _ context: ManifestContext
    ) throws(ManifestError) -> [PodSecurityPolicy] {
        let object = try WorkloadObject(root, at: ManifestPath(), context)
        var policies: [PodSecurityPolicy] = []
        guard let items = try object.items(context) else { return try [policy(object, context)].compactMap { $0 } }
        for item in items {
            let inner = try WorkloadObject(item.node, at: item.path, context, within: object)
            if let policy = try policy(inner, context) { policies.append(policy) }
        }
        return policies
    }

    private static func policy(
        _ object: WorkloadObject, _ context: ManifestContext
    ) throws(ManifestError) -> PodSecurityPolicy? {
        guard object.isPolicy else { return nil }
        let policy = try context.decode(PodSecurityPolicy.self, from: object.node, at: object.path)
        do throws(InvalidPolicy) {
            try policy.validate()
        } catch {
            throw context.error(at: object.node.line, object.path, "\(error)")
        }
        return policy
    }
}

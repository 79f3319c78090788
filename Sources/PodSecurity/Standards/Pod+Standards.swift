import NodeModel

extension Pod {
    /// All containers in the order in which the checks name them: init, regular, ephemeral.
    var containers: [ContainerSpec] { spec.placedContainers.map(\.container) }

    /// Some fields mean nothing on Windows, and newer checks do not ask for them there.
    var isWindows: Bool { spec.os?.name == "windows" }

    /// Whether root in the pod is another user on the node.
    var hasUserNamespace: Bool { spec.hostUsers == false }

    /// The names of the containers that something is true of.
    func containers(where isAtFault: (ContainerSpec) -> Bool) -> [String] {
        containers.filter(isAtFault).map { $0.name ?? "" }
    }

    /// Who sets something forbidden, in the pod's security context or in those of its containers.
    func setters(
        pod isPodAtFault: (PodSecurityContext) -> Bool, container isContainerAtFault: (SecurityContext) -> Bool
    ) -> Setters {
        Setters(
            pod: spec.securityContext.map(isPodAtFault) ?? false,
            containers: containers { $0.securityContext.map(isContainerAtFault) ?? false })
    }

    /// Who sets a profile that is neither `RuntimeDefault` nor `Localhost`, and the types of those, sorted.
    func forbiddenProfiles(
        pod podProfile: (PodSecurityContext) -> SecurityProfile?,
        container profile: (SecurityContext) -> SecurityProfile?
    ) -> (setters: Setters, types: [String]) {
        func isForbidden(_ profile: SecurityProfile) -> Bool {
            profile.type != "RuntimeDefault" && profile.type != "Localhost"
        }
        let setters = setters {
            podProfile($0).map(isForbidden) ?? false
        } container: {
            profile($0).map(isForbidden) ?? false
        }
        let profiles =
            [spec.securityContext.flatMap(podProfile)] + containers.map { $0.securityContext.flatMap(profile) }
        let types = profiles.compactMap(\.self).filter(isForbidden).map { $0.type ?? "" }
        return (setters, Wording.distinct(types))
    }
}

/// Who sets a forbidden value.
struct Setters {
    let pod: Bool
    let containers: [String]

    var isEmpty: Bool { !pod && containers.isEmpty }

    /// Such as `pod`, `containers "a", "b"`; none or more of them.
    var names: [String] {
        (pod ? ["pod"] : []) + (containers.isEmpty ? [] : [Wording.named("container", containers)])
    }

    /// Such as `pod and container "a"`.
    var text: String { names.joined(separator: " and ") }
}

/// How the details of refusals are put together.
enum Wording {
    /// A noun for so many things: its plural but for one.
    static func counted(_ noun: String, _ count: Int) -> String { count == 1 ? noun : noun + "s" }

    /// The verb that goes with so many things.
    static func use(_ count: Int) -> String { count == 1 ? "uses" : "use" }

    /// Such as `"a", "b"`; nothing in them is escaped.
    static func quoted(_ texts: [String]) -> String { texts.map { "\"\($0)\"" }.joined(separator: ", ") }

    /// Such as `containers "a", "b"`.
    static func named(_ noun: String, _ names: [String]) -> String { "\(counted(noun, names.count)) \(quoted(names))" }

    /// Each value once, sorted.
    static func distinct(_ values: [String]) -> [String] { Set(values).sorted() }
}

/// One thing that a container's specification says, or leaves open, beside what the runtime really gave it.
package struct ComparedItem: Sendable, Equatable {
    package var field: Field
    /// What the specification asks for, in a few words; `nil` where it leaves it open.
    package var declared: String?
    /// What the container has; `nil` where nothing here shows it.
    package var actual: String?
    package var verdict: Verdict

    /// How the two fit together.
    package enum Verdict: String, Sendable, Codable, CaseIterable {
        case asDeclared = "as declared"
        /// The container has more than was asked for.
        case notDeclared = "not declared"
        /// Something was asked for and is not so: a restriction that is missing, or a share that was not given.
        case notInForce = "declared but not in force"
        case unknown
    }

    package init(_ field: Field, declared: String?, actual: String?, verdict: Verdict) {
        self.field = field
        self.declared = declared
        self.actual = actual
        self.verdict = verdict
    }
}

extension ComparedItem {
    /// What of a specification is compared.
    package enum Field: Sendable, Hashable, CustomStringConvertible {
        case hostPID, hostNetwork, hostIPC, hostUsers, shareProcessNamespace
        case privileged, allowPrivilegeEscalation, seccompProfile, appArmorProfile, seLinuxOptions
        case runAsUser, runAsNonRoot, readOnlyRootFilesystem
        case hostPorts, runtimeClassName
        /// `procMount: Unmasked`.
        case unmaskedProc
        /// Both lists of capabilities, where there is no record to compare them with.
        case capabilities
        case addedCapabilities, droppedCapabilities
        /// A kernel setting, by its name.
        case sysctl(String)
        /// A device of the node, by its path in the container; `*` for all of them.
        case device(String)
        /// A part of the node's file tree, by its path there.
        case hostPath(String)

        /// The field as the API writes it, such as `hostPID` or `capabilities.add`.
        package var description: String {
            switch self {
            case .hostPID: "hostPID"
            case .hostNetwork: "hostNetwork"
            case .hostIPC: "hostIPC"
            case .hostUsers: "hostUsers"
            case .shareProcessNamespace: "shareProcessNamespace"
            case .privileged: "privileged"
            case .allowPrivilegeEscalation: "allowPrivilegeEscalation"
            case .seccompProfile: "seccompProfile"
            case .appArmorProfile: "appArmorProfile"
            case .seLinuxOptions: "seLinuxOptions"
            case .runAsUser: "runAsUser"
            case .runAsNonRoot: "runAsNonRoot"
            case .readOnlyRootFilesystem: "readOnlyRootFilesystem"
            case .hostPorts: "hostPorts"
            case .runtimeClassName: "runtimeClassName"
            case .unmaskedProc: "procMount: Unmasked"
            case .capabilities: "capabilities"
            case .addedCapabilities: "capabilities.add"
            case .droppedCapabilities: "capabilities.drop"
            case .sysctl(let name): "sysctl \(name)"
            case .device(let path): "device \(path)"
            case .hostPath(let path): "hostPath \(path)"
            }
        }
    }

    /// Something of the node that is shared only where it is asked for.
    static func share(_ field: Field, asked: Bool?, given: Bool?) -> ComparedItem {
        let verdict: Verdict =
            switch (asked ?? false, given) {
            case (_, nil): .unknown
            case (true, true), (false, false): .asDeclared
            case (false, true): .notDeclared
            case (true, false): .notInForce
            }
        return ComparedItem(
            field, declared: asked.map { "\($0)" }, actual: given.map { "\($0)" }, verdict: verdict)
    }

    /// Something that keeps the container from the node, and holds only where it is asked for.
    static func restriction(_ field: Field, asked: String?, given: String?, holds: Bool?) -> ComparedItem {
        let verdict: Verdict =
            switch (asked, holds) {
            case (nil, _): .asDeclared
            case (_, nil): .unknown
            case (_, true): .asDeclared
            case (_, false): .notInForce
            }
        return ComparedItem(field, declared: asked, actual: given, verdict: verdict)
    }

    /// A reader wants to see it even where it is as declared: something is shared.
    var isTold: Bool {
        switch field {
        case .addedCapabilities, .device, .hostPath, .hostPorts: true
        case .hostPID, .hostNetwork, .hostIPC, .shareProcessNamespace, .privileged, .unmaskedProc: actual == "true"
        default: false
        }
    }
}

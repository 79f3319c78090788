package import Checks
package import NodeModel

/// What a scan says: one technique in one place, with everything that outputs need, judged and final.
///
/// What is unknown is `nil`, which machine formats write as `null`, never left out and never a guess.
package struct Finding: Sendable, Equatable {
    /// The same for the same thing in every scan: of technique, pod, container and place, not of process ids.
    package var id: String
    package var technique: Technique
    package var severity: Severity
    package var declared: Declaration
    package var pod: PodIdentity?
    /// What the Kubernetes API says of the pod; `nil` where it was not asked or does not have the pod.
    package var podFacts: PodFacts?
    package var container: ContainerSummary?
    package var task: TaskSummary?
    package var evidence: [String: EvidenceValue]
    /// The values seen, in one line, unescaped.
    package var detail: String
    /// The name of the allow-list entry that lowered it to info.
    package var allowedBy: String?
    /// The file of the node of which it tells that somebody changed it.
    package var nodeFile: String?

    /// What only the API knows of a pod.
    package struct PodFacts: Sendable, Equatable {
        /// The object that manages the pod, such as a ReplicaSet.
        package var owner: OwnerReference?
        package var serviceAccount: String?
        /// What the specification says of the finding's container, or of all of the pod's where the finding is of its sandbox.
        package var containers: [ContainerFacts]

        /// - Parameter container: the container of the finding; `nil` for the sandbox.
        package init(_ pod: Pod, container: PodContainer?) {
            owner = pod.metadata.controller
            serviceAccount = pod.spec.serviceAccountName
            let specifications: [(kind: PodContainer.Kind, specification: ContainerSpec?)] =
                container.map { [($0.kind, $0.specification)] } ?? pod.allContainers.map { ($0.kind, $0.specification) }
            containers = specifications.map { kind, container in
                ContainerFacts(
                    name: container?.name ?? "", isInit: kind == .initialization, image: container?.image ?? "",
                    user: container?.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser)
            }
        }

        /// A container as the specification has it.
        package struct ContainerFacts: Sendable, Equatable {
            package var name: String
            /// It ends before the pod's other containers start.
            package var isInit = false
            package var image: String
            /// As whom it is to run; `nil` where the image decides.
            package var user: Int64?
        }
    }

    /// The container of a finding.
    package struct ContainerSummary: Sendable, Equatable, Codable {
        package var id: String
        package var name: String?
        package var image: String?
        package var runtime: Container.Runtime
        package var isSandbox: Bool

        package init(id: String, name: String?, image: String?, runtime: Container.Runtime, isSandbox: Bool) {
            self.id = id
            self.name = name
            self.image = image
            self.runtime = runtime
            self.isSandbox = isSandbox
        }
    }

    /// The task of a finding.
    package struct TaskSummary: Sendable, Equatable, Codable {
        package var pid: Int32
        package var tid: Int32
        /// Clock ticks after boot.
        package var startTime: UInt64
        package var comm: String
        package var executable: String?
        package var uid: UInt32?
        /// `pid comm` of each ancestor, nearest first.
        package var parents: [String]

        package init(
            pid: Int32, tid: Int32, startTime: UInt64, comm: String, executable: String?, uid: UInt32?,
            parents: [String]
        ) {
            self.pid = pid
            self.tid = tid
            self.startTime = startTime
            self.comm = comm
            self.executable = executable
            self.uid = uid
            self.parents = parents
        }
    }

    package init(
        id: String, technique: Technique, severity: Severity, declared: Declaration, pod: PodIdentity? = nil,
        podFacts: PodFacts? = nil, container: ContainerSummary? = nil, task: TaskSummary? = nil,
        evidence: [String: EvidenceValue] = [:],
        detail: String, allowedBy: String? = nil
    ) {
        self.id = id
        self.technique = technique
        self.severity = severity
        self.declared = declared
        self.pod = pod
        self.podFacts = podFacts
        self.container = container
        self.task = task
        self.evidence = evidence
        self.detail = detail
        self.allowedBy = allowedBy
    }
}

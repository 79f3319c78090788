import NodeModel

extension PodSecurityCheck {
    /// Volumes must be of the kinds that reach neither the node's files nor storage outside the cluster's control.
    ///
    /// Reads the sources of `spec.volumes`; one without any becomes an emptyDir (kubernetes pkg/apis/core/v1/defaults.go,
    /// SetDefaults_Volume). `image` is allowed at all versions, as the project does since Kubernetes 1.33.
    static let restrictedVolumes = PodSecurityCheck(
        id: "restrictedVolumes", level: .restricted, revisions: [Revision(since: 0, judge: withRestrictedVolumes)],
        overrides: ["hostPathVolumes"])

    private static let allowedSources: Set = [
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
        "secret",
    ]

    /// The sources that a refusal calls by their names, the first of them if a volume has several.
    private static let namedSources = [
        "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd",
        "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk",
        "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
    ]

    private static func withRestrictedVolumes(_ pod: Pod) -> Forbidden? {
        let volumes = (pod.spec.volumes ?? []).filter {
            !$0.sources.isEmpty && allowedSources.isDisjoint(with: $0.sources)
        }
        guard !volumes.isEmpty else { return nil }
        let types = volumes.map { volume in namedSources.first { volume.sources.contains($0) } ?? "unknown" }
        let uses = Wording.named("restricted volume type", Wording.distinct(types))
        let names = Wording.named("volume", volumes.map { $0.name ?? "" })
        return Forbidden(reason: "restricted volume types", detail: "\(names) \(Wording.use(volumes.count)) \(uses)")
    }
}

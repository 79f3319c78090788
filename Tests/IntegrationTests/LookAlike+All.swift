extension LookAlike {
    private static let registry = "602401143452.dkr.ecr.us-west-2.amazonaws.com"
    private static let cni = "\(registry)/amazon-k8s-cni:v1.21.1"
    private static let proxy = "\(registry)/eks/kube-proxy:v1.34.0"
    private static let dns = "\(registry)/eks/coredns:v1.12.4"
    private static let monitoring = "\(registry)/eks/eks-node-monitoring-agent:v1.4.1"
    private static let ebs = "public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:v1.50.1"
    private static let registrar = "public.ecr.aws/csi-components/csi-node-driver-registrar:v2.14.0"
    private static let exporter = "quay.io/prometheus/node-exporter:v1.9.1"

    /// The add-on itself.
    static let real = LookAlike(
        what: "nothing", told: "", name: "kube-proxy", image: proxy, account: "kube-proxy", network: true,
        privileged: true)

    static let all: [LookAlike] = [
        // Another pod than the add-on's, which has what that has.
        LookAlike(
            what: "another account", told: "host-network-namespace", isAnother: true, name: "aws-node", image: cni,
            account: "default", network: true),
        LookAlike(
            what: "another namespace", told: "host-network-namespace", isAnother: true, name: "aws-node", image: cni,
            namespace: "kube-network", account: "aws-node", network: true),
        LookAlike(
            what: "another kind of owner", told: "host-path-cni", isAnother: true, name: "aws-node", image: cni,
            account: "aws-node", kind: "Deployment", paths: ["/opt/cni/bin"]),
        LookAlike(
            what: "a registry whose account is one digit off", told: "privileged", isAnother: true, name: "kube-proxy",
            image: "602401143453.dkr.ecr.us-west-2.amazonaws.com/eks/kube-proxy:v1", account: "kube-proxy",
            privileged: true),
        LookAlike(
            what: "a registry of anybody's", told: "privileged", isAnother: true, name: "ebs-csi-node",
            image: "public.ecr.aws/ebs-csi-drivers/aws-ebs-csi-driver:v1", account: "ebs-csi-node-sa", privileged: true),
        LookAlike(
            what: "another owner's name", told: "privileged", isAnother: true, name: "kube-proxy-fast", image: proxy,
            account: "kube-proxy", privileged: true),
        LookAlike(
            what: "a repository whose name goes on", told: "host-network-namespace", isAnother: true, name: "aws-node",
            image: "\(registry)/amazon-k8s-cni-tools:v1", account: "aws-node", network: true),
        LookAlike(
            what: "the namespace of everybody", told: "privileged", isAnother: true, name: "falco",
            image: "docker.io/falcosecurity/falco:0.42", namespace: "default", account: "falco", privileged: true),
        // The add-on's own, with one exposure more.
        LookAlike(
            what: "the node's /etc", told: "host-path-etc", name: "kube-proxy", image: proxy, account: "kube-proxy",
            network: true, privileged: true, paths: ["/etc"]),
        LookAlike(
            what: "the node's processes", told: "host-pid-namespace", name: "kube-proxy", image: proxy,
            account: "kube-proxy", network: true, processes: true, privileged: true),
        LookAlike(
            what: "kernel modules to write", told: "host-path-binaries", name: "kube-proxy", image: proxy,
            account: "kube-proxy", network: true, privileged: true, paths: ["/lib/modules"]),
        LookAlike(
            what: "a sidecar that is privileged", told: "privileged", name: "ebs-csi-node", image: registrar,
            account: "ebs-csi-node-sa", privileged: true),
        LookAlike(
            what: "the runtime's socket", told: "host-path-runtime-socket", name: "ebs-csi-node", image: ebs,
            account: "ebs-csi-node-sa", privileged: true, paths: ["/run/containerd"]),
        LookAlike(
            what: "cron files", told: "host-path-cron", name: "efs-csi-node",
            image: "public.ecr.aws/efs-csi-driver/amazon/aws-efs-csi-driver:v2", account: "efs-csi-node-sa",
            network: true, privileged: true, paths: ["/etc/cron.d"]),
        LookAlike(
            what: "a capability", told: "added-capability", name: "coredns", image: dns, account: "coredns",
            kind: "Deployment", capabilities: ["SYS_ADMIN"]),
        LookAlike(
            what: "root's keys", told: "host-path-home", name: "eks-pod-identity-agent",
            image: "\(registry)/eks/eks-pod-identity-agent:v0.1.33", account: "default", network: true,
            paths: ["/root"]),
        LookAlike(
            what: "logs to write", told: "host-path-log", name: "fluent-bit",
            image: "public.ecr.aws/aws-observability/aws-for-fluent-bit:3", namespace: "amazon-cloudwatch",
            account: "fluent-bit", network: true, paths: ["/var/log"]),
        LookAlike(
            what: "the node's tree to write", told: "host-path-root", name: "node-exporter", image: exporter,
            namespace: "monitoring", account: "node-exporter", network: true, processes: true, root: true,
            paths: ["/"]),
        LookAlike(
            what: "settings to write", told: "host-path-etc", name: "falco",
            image: "docker.io/falcosecurity/falco:0.42",
            namespace: "falco", account: "falco", privileged: true, paths: ["/etc"]),
        LookAlike(
            what: "its loader's kernel modules", told: "host-path-binaries", name: "falco",
            image: "docker.io/falcosecurity/falco:0.42",
            namespace: "falco", account: "falco", privileged: true, paths: ["/lib/modules"]),
        LookAlike(
            what: "the node's tree as root", told: "host-path-root", name: "node-exporter", image: exporter,
            namespace: "monitoring", account: "node-exporter", network: true, processes: true, root: true,
            paths: ["/:ro"]),
        LookAlike(
            what: "what its init container has", told: "privileged", name: "eks-pod-identity-agent",
            image: "\(registry)/eks/eks-pod-identity-agent:v0.1.33", account: "default", network: true,
            privileged: true),
        LookAlike(
            what: "the pods' volumes", told: "host-path-kubelet", name: "nvidia-device-plugin-daemonset",
            image: "nvcr.io/nvidia/k8s-device-plugin:v0.18", account: "default", paths: ["/var/lib/kubelet/pods"]),
        LookAlike(
            what: "the agent's state", told: "host-path-ssm", name: "cloudwatch-agent",
            image: "public.ecr.aws/cloudwatch-agent/cloudwatch-agent:1", namespace: "amazon-cloudwatch",
            account: "cloudwatch-agent", paths: ["/var/lib/amazon/ssm:ro"]),
        // The add-on's own, and what it does.
        LookAlike(
            what: "enters the node", told: "entered-host-mount-namespace", name: "coredns", image: dns,
            account: "coredns", kind: "Deployment", processes: true, privileged: true,
            command: ["nsenter", "-t", "1", "-m", "--", "/bin/sleep", "1d"]),
        LookAlike(
            what: "a shell in the node's tree", told: "root-in-host-tree", name: "eks-node-monitoring-agent",
            image: monitoring, account: "eks-node-monitoring-agent", network: true, processes: true, privileged: true,
            paths: ["/"], command: ["chroot", "/host", "/bin/sleep", "1d"]),
        LookAlike(
            what: "a directory of PID 1", told: "working-directory-in-host-tree", name: "eks-node-monitoring-agent",
            image: monitoring, account: "eks-node-monitoring-agent", network: true, processes: true, privileged: true,
            command: ["sh", "-c", "cd /proc/1/root/etc && exec sleep 1d"]),
    ]
}

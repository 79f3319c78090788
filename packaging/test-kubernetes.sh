# shellcheck shell=bash
# The part of test-release about packaging/kubernetes: what kubectl says of the manifests, and pods made from them on the
# bench by the word of the manifests. Sourced by test-release, never run.

readonly kubelet=/var/lib/kubelet/pods tools=bench.test/tools:1 node_name=node-1
api=""

# --- the manifests -------------------------------------------------------------------------------------------

# api_up: the stand-in for the API server, in the network of the node.
api_up() {
    mkdir -p "$work/api"
    nsenter --net="/proc/$(<"$directory/pid")/ns/net" -- python3 "$bench_scripts/api-server" --state-dir "$work/api" \
        --node-name "$node_name" >"$work/api/ready" 2>"$work/api/log" &
    api=$!
    for _ in {1..200}; do
        [[ ! -s $work/api/ready ]] || return 0
        sleep .05
    done
    die "the API server does not start: $(<"$work/api/log")"
}

kubectl_of() {
    nsenter --net="/proc/$(<"$directory/pid")/ns/net" -- env HOME="$work" kubectl --kubeconfig "$work/api/kubeconfig-token" "$@"
}

# overlay FOLDER: makes $work/kubernetes/overlay of it as a team would, with images and settings of its own; further lines
# of its kustomization.yaml come from standard input.
overlay() {
    rm -rf "$work/kubernetes"
    mkdir -p "$work/kubernetes/overlay"
    cp -r "$repository/packaging/kubernetes/$1" "$work/kubernetes"
    {
        cat <<L
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../$1]
images:
- {name: registry.example/tools, newName: registry.example/mirror/tools, digest: "sha256:$(printf '1%.0s' {1..64})"}
L
        cat
    } >"$work/kubernetes/overlay/kustomization.yaml"
}

# applied FOLDER: what real kubectl would send, as $work/objects.json.
applied() {
    kubectl_of apply --dry-run=client --validate=false --output json --kustomize "$1" >"$work/objects.json"
}

# --- pods by the word of a manifest --------------------------------------------------------------------------

# pod_spec: of the DaemonSet in $work/objects.json.
pod_spec() { jq '.items[] | select(.kind == "DaemonSet") | .spec.template.spec' "$work/objects.json"; }

# prepare_volumes UID: makes what a kubelet makes on the node of volumes before it starts the pod.
prepare_volumes() {
    local kind name file
    while IFS=$'\t' read -r kind name; do
        case $kind in
            emptyDir) node install -d -m 777 "$kubelet/$1/volumes/kubernetes.io~empty-dir/$name" ;;
            hostPath) node mkdir -p "$name" ;;
            configMap)
                node mkdir -p "$kubelet/$1/volumes/kubernetes.io~configmap/$name"
                while read -r file; do
                    jq -rj --arg file "$file" '.items[] | select(.kind == "ConfigMap") | .data[$file] // empty' \
                        "$work/objects.json" |
                        node sh -c "cat >'$kubelet/$1/volumes/kubernetes.io~configmap/$name/$file'"
                done < <(jq -r '.items[] | select(.kind == "ConfigMap") | .data | keys[]' "$work/objects.json")
                ;;
        esac
    done < <(pod_spec | jq -r '.volumes[] | if .emptyDir then ["emptyDir", .name]
        elif .configMap then ["configMap", .name]
        else select(.hostPath.type == "DirectoryOrCreate") | ["hostPath", .hostPath.path] end | @tsv')
}

# container_options UID CONTAINER: the options of `pod run` for one container of the DaemonSet.
container_options() {
    {
        pod_spec
        jq '.items | map(select(.kind == "ConfigMap") | .data) | add' "$work/objects.json"
    } | jq -rs --arg uid "$1" --arg container "$2" --arg pods "$kubelet" --arg node "$node_name" '
        .[0] as $pod | .[1] as $data
        | ($pod.initContainers // []) + $pod.containers | map(select(.name == $container)) | .[0]
        | .securityContext as $security
        | (if .envFrom then $data | to_entries[] | select(.key | test("^[A-Z_0-9]+$")) | "--env", "\(.key)=\(.value)"
           else empty end),
          (.env[]? | "--env", "\(.name)=\({"metadata.uid": $uid, "spec.nodeName": $node}[.valueFrom.fieldRef.fieldPath])"),
          (if $pod.hostPID then "--host-pid" else empty end),
          (if $security.allowPrivilegeEscalation == false then "--no-new-privileges" else empty end),
          (if $security.readOnlyRootFilesystem then "--read-only" else empty end),
          (if ($security.seccompProfile // $pod.securityContext.seccompProfile).type == "RuntimeDefault"
           then "--seccomp", "default" else empty end),
          ($security.capabilities | (.add[]? | "--add-capability", .), (.drop[]? | "--drop-capability", .)),
          ($security.runAsUser // $pod.securityContext.runAsUser | "--user", tostring),
          (.volumeMounts[]? as $mount | $pod.volumes[] | select(.name == $mount.name)
           | ((if .hostPath then .hostPath.path
              elif .emptyDir then "\($pods)/\($uid)/volumes/kubernetes.io~empty-dir/\(.name)"
              else "\($pods)/\($uid)/volumes/kubernetes.io~configmap/\(.name)" end)
             + (if $mount.subPath then "/" + $mount.subPath else "" end)) as $path
           | "--mount", ([$path, $mount.mountPath] + (if $mount.readOnly then ["ro"] else [] end)
             + (if $mount.mountPropagation == "HostToContainer" then ["slave"] else [] end) | join(":")))'
}

# container_command CONTAINER
container_command() {
    pod_spec | jq -r --arg container "$1" --arg node "$node_name" '
        (.initContainers // []) + .containers | map(select(.name == $container)) | .[0]
        | (.command + (.args // []))[] | gsub("\\$\\(NODE_NAME\\)"; $node)'
}

# pod_container UID CONTAINER [OPTION ...] [-- COMMAND ...]: one container of the DaemonSet's pod, with another command than
# the manifest's if one is given; leaves the client's line in $work/container.
pod_container() {
    local -a options command=()
    local uid=$1 container=$2
    shift 2
    mapfile -t options < <(container_options "$uid" "$container")
    while (($# > 0)) && [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    if (($# > 0)); then command=("${@:2}"); else mapfile -t command < <(container_command "$container"); fi
    node_pod run "$(pod_name "$uid")" --namespace breakoutd --uid "$uid" --container "$container" --image "$tools" \
        "${options[@]}" -- "${command[@]}" >"$work/container"
}

node_pod() { node pod -s /run/containerd/containerd.sock "$@"; }

daemon_set() { jq -r '.items[] | select(.kind == "DaemonSet") | .metadata.name' "$work/objects.json"; }
pod_name() { echo "$(daemon_set)-${1:0:5}"; }

# tell_api UID: of the DaemonSet's pod, with the container in $work/container.
tell_api() {
    jq --compact-output --arg uid "$1" --arg name "$(pod_name "$1")" --arg owner "$(daemon_set)" --arg node "$node_name" \
        --slurpfile made "$work/container" --arg container "$2" '
        .items[] | select(.kind == "DaemonSet") | .spec.template.spec as $spec
        | ($spec | .nodeName = $node) as $spec
        | {name: $container, ready: true, restartCount: 0, state: {running: {}},
           containerID: "containerd://\($made[0].container)"} as $status
        | (if any($spec.containers[]; .name == $container) then {containerStatuses: [$status]}
           else {initContainerStatuses: [$status]} end) as $statuses
        | {op: "apply", pods: [{metadata: {namespace: "breakoutd", name: $name, uid: $uid,
               ownerReferences: [{apiVersion: "apps/v1", kind: "DaemonSet", name: $owner, uid: "1", controller: true}]},
           spec: $spec, status: ({phase: "Running"} + $statuses)}]}' "$work/objects.json" |
        python3 -c '
import socket, sys
with socket.socket(socket.AF_UNIX) as control:
    control.connect(sys.argv[1])
    control.sendall(sys.stdin.buffer.read())
    answer = control.makefile().readline()
    sys.exit(0 if "\"ok\"" in answer else answer)' "$work/api/control.sock"
}

# import_image: $tools on the node: busybox, curl, nsenter, breakoutd and the libraries that they need.
import_image() {
    local image=$work/image digest
    local -a programs
    mapfile -t programs < <(command -v curl nsenter)
    mkdir -p "$image/files"/{bin,dev,etc,host,node/usr,proc,run/systemd/{system,journal},run/breakoutd,sys,tmp,usr/sbin,var/lib}
    cp "$(command -v busybox)" "$image/files/bin/busybox"
    chroot "$image/files" /bin/busybox --install -s /bin
    cp --remove-destination "${programs[@]}" "$image/files/bin"
    cp "$dist/breakoutd" "$image/files/usr/sbin"
    {
        ldd "$dist/breakoutd" "${programs[@]}" | grep -oE '/[^ :]+$|/[^ :]+ ' | tr -d ' '
        # glibc loads it where a thread ends.
        ldconfig -p | sed -n 's/.*libgcc_s\.so\.1 .* => //p'
    } | sort -u | xargs cp --dereference --parents --target-directory "$image/files"
    tar -C "$image/files" --owner 0 --group 0 -cf "$image/layer.tar" .
    digest=$(sha256sum <"$image/layer.tar" | cut -d ' ' -f 1)
    jq --null-input --arg digest "sha256:$digest" '{architecture: "amd64", os: "linux",
        config: {Env: ["PATH=/bin:/usr/sbin"]}, rootfs: {type: "layers", diff_ids: [$digest]}}' >"$image/config.json"
    jq --null-input --arg name "$tools" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' \
        >"$image/manifest.json"
    tar -C "$image" -cf - manifest.json config.json layer.tar | node ctr --namespace k8s.io images import - >/dev/null
    node_pod wait --image "$tools"
}

# --- the tests -----------------------------------------------------------------------------------------------

# violations: what the level restricted refuses, a line each with the values; the manifest's comment argues each of them.
violations() {
    local found
    found=$("$dist/breakoutd" audit --format json "$work/objects.json") || equal $? 1
    equal "$(jq '.warnings | length' <<<"$found")" 0
    jq -r '.pods[].violations[].detail' <<<"$found"
}

# as_allowed UID: everything that a scan with the manifest's configuration tells of the pod is info, and there is something.
as_allowed() {
    local found
    # Here the node's cgroup namespace is not the machine's first one.
    jq -r '.items[] | select(.kind == "ConfigMap") | .data["config.yaml"] // empty' "$work/objects.json" |
        sed "s/4026531835/$(node readlink /proc/1/ns/cgroup | tr -dc 0-9)/" | node sh -c 'cat >/root/config.yaml'
    tar -C / -cf - "${work#/}/api" | node tar -C / -xf -
    node sh -c 'cat >/root/breakoutd && chmod 755 /root/breakoutd' <"$dist/breakoutd"
    found=$(node /root/breakoutd scan --format json --config /root/config.yaml \
        --kubeconfig "$work/api/kubeconfig-certificate" --node-name "$node_name") || true
    jq -e --arg uid "$1" '[.findings[] | select(.pod.uid == $uid)] | length > 0 and all(.severity == "info")' \
        <<<"$found" >/dev/null || die "not allowed: $(jq -c --arg uid "$1" '.findings[] | select(.pod.uid == $uid)' <<<"$found")"
}

# shellcheck shell=bash
# The part of test-release about packaging/kubernetes: what kubectl says of the manifests, and pods made from them on the
# bench by the word of the manifests. Sourced by test-release, never run.
# shellcheck source=packaging/test-release.sh
source "$(dirname "${BASH_SOURCE[0]}")/test-release.sh"

readonly kubelet=/var/lib/kubelet/pods tools=bench.test/tools:1 node_name=node-1

# --- the manifests -------------------------------------------------------------------------------------------

# api_up [PID]: the stand-in for the API server, in the network of the node, or of a process of it.
api_up() {
    rm -rf "$work/api"
    mkdir -p "$work/api"
    nsenter --net="$(network_of "${1:-1}")" -- python3 "$bench_scripts/api-server" --state-dir "$work/api" --node-name "$node_name" \
        >"$work/api/ready" 2>"$work/api/log" &
    api=$!
    for _ in {1..200}; do
        [[ ! -s $work/api/ready ]] || return 0
        sleep .05
    done
    die "the API server does not start: $(<"$work/api/log")"
}

api_down() {
    kill "$api"
    api=""
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

# applied: what real kubectl would send for the overlay, as $work/objects.json.
applied() {
    nsenter --net="$(network_of 1)" -- env HOME="$work" kubectl --kubeconfig "$work/api/kubeconfig-token" apply --dry-run=client \
        --validate=false --output json --kustomize "$work/kubernetes/overlay" >"$work/objects.json"
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

# tell_api UID CONTAINER: of the DaemonSet's pod, with the container in $work/container, which runs, after those that it was told
# of before.
tell_api() {
    jq --compact-output --arg name "$2" '{name: $name, ready: true, restartCount: 0, state: {running: {}},
        containerID: "containerd://\(.container)"}' "$work/container" >>"$work/api/statuses-$1"
    jq --compact-output --arg uid "$1" --arg name "$(pod_name "$1")" --arg owner "$(daemon_set)" --arg node "$node_name" \
        --slurpfile told "$work/api/statuses-$1" '
        .items[] | select(.kind == "DaemonSet") | .spec.template.spec as $spec
        | ($spec | .nodeName = $node) as $spec
        | [$spec.containers[].name] as $names
        | ($told[:-1] | map(.state = {terminated: {exitCode: 0}})) + $told[-1:]
        | {containerStatuses: map(select(.name | IN($names[]))),
           initContainerStatuses: map(select(.name | IN($names[]) | not))} as $statuses
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

# import_image: $tools on the node: busybox, curl, nsenter, breakoutd and the libraries that they need. It has no more than
# Amazon Linux's: neither tar nor gzip, findutils or diffutils, and no shell that brings them.
import_image() {
    local image=$work/image digest
    local -a programs
    mapfile -t programs < <(command -v curl nsenter dash)
    mkdir -p "$image/files"/{bin,dev,etc,host,node/usr,proc,run/systemd/{system,journal},run/breakoutd,sys,tmp,usr/sbin,var/lib}
    cp "$(command -v busybox)" "$image/files/bin/busybox"
    chroot "$image/files" /bin/busybox --install -s /bin
    rm "$image"/files/bin/{tar,gzip,gunzip,zcat,find,xargs,cmp,diff}
    cp --remove-destination "${programs[@]}" "$image/files/bin"
    ln -sf dash "$image/files/bin/sh"
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

# only_where_it_runs: the DaemonSet is for nodes of the release's architecture alone.
only_where_it_runs() {
    equal "$(pod_spec | jq --compact-output .nodeSelector)" '{"kubernetes.io/arch":"amd64","kubernetes.io/os":"linux"}'
}

# only_info UID: everything that breakoutd told in the journal of the pod is info, and there is something.
only_info() {
    node journalctl --sync
    node journalctl -t breakoutd -o json | jq -r --arg uid "$1" 'select(.BREAKOUTD_POD_UID == $uid) |
        "\(.BREAKOUTD_SEVERITY) \(.MESSAGE)"' >"$work/told"
    check "-s $work/told"
    if grep -v '^info ' "$work/told"; then die "that is not allowed"; fi
}

# await_exit CONTAINER
await_exit() {
    for _ in {1..600}; do
        [[ $(node_pod list | jq -r --arg id "$1" '.containers[] | select(.container == $id) | .state') != exited ]] || return 0
        sleep .1
    done
    die "the container does not end: $(node cat "$(jq -r .log "$work/container")")"
}

# await_entry_of CONTAINER: until breakoutd tells of it in the journal.
await_entry_of() {
    for _ in {1..300}; do
        node journalctl --sync
        [[ -z $(node journalctl -t breakoutd -o json |
            jq -r --arg id "$1" 'select(.BREAKOUTD_CONTAINER_ID == $id) | .MESSAGE') ]] || return 0
        sleep .1
    done
    die "breakoutd tells nothing of the container"
}

# hold_installation: as another installation on the node does, until let_go_of_installation.
hold_installation() {
    # shellcheck disable=SC2016
    coproc holder { node flock /run/breakoutd-install.lock sh -c 'echo held; read -r _; rm "$0"' /run/breakoutd-install.lock; }
    read -r _ <&"${holder[0]}"
}

let_go_of_installation() {
    # shellcheck disable=SC2154
    local pid=$holder_PID
    echo >&"${holder[1]}"
    wait "$pid"
}

# install_pod UID [told]: runs the two containers of the installer that do something, one after another; what the second says is
# in $work/output. The pod's network leads nowhere, so that the release is served in there. `told`: the API is told of the first
# when it is over and of the second some time after its start, and breakoutd tells of that one before it is over.
install_pod() {
    local pod served whether=${2:-untold}
    prepare_volumes "$1"
    pod_container "$1" fetch --create-only
    pod=$(jq -r .pod "$work/container")
    nsenter --net="$(network_of "$(jq .pausePid "$work/container")")" -- \
        python3 -m http.server --bind 127.0.0.1 --directory "$work/served" 8321 >/dev/null 2>&1 &
    served=$!
    nsenter --net="$(network_of "$(jq .pausePid "$work/container")")" -- \
        curl --silent --retry 50 --retry-connrefused --retry-delay 1 http://127.0.0.1:8321 >/dev/null
    node_pod start "$(jq -r .container "$work/container")" >/dev/null
    await_exit "$(jq -r .container "$work/container")"
    [[ $whether != told ]] || tell_api "$1" fetch
    kill "$served"
    pod_container "$1" install --create-only --sandbox "$pod"
    # Without another one that it waits for, it is over within a second, which a busy machine's daemon may need to look.
    [[ $whether != told ]] || hold_installation
    node_pod start "$(jq -r .container "$work/container")" >/dev/null
    if [[ $whether == told ]]; then
        # As kubelets do, which report what they have started: until then breakoutd is to wait.
        sleep 3
        tell_api "$1" install
        await_entry_of "$(jq -r .container "$work/container")"
        let_go_of_installation
    fi
    await_exit "$(jq -r .container "$work/container")"
    node cut -d ' ' -f 4- "$(jq -r .log "$work/container")" >"$work/output"
    node_pod remove "$pod"
    node rm -rf "$kubelet/$1"
}

# agent_rpm: stands in for the SSM agent's.
agent_rpm() {
    mkdir -p "$work/agent"
    cat >"$work/agent/agent.spec" <<'L'
%global __os_install_post %{nil}
Name: amazon-ssm-agent
Version: 1
Release: 1
Summary: Stands in
License: none
BuildArch: noarch
%description
Stands in.
%install
mkdir -p %{buildroot}/usr/lib/systemd/system
printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' >%{buildroot}/usr/lib/systemd/system/%{name}.service
%files
/usr/lib/systemd/system/%{name}.service
L
    rpmbuild --quiet -bb --define "_topdir $work/agent" --define "_rpmdir $work/agent" --define '_rpmfilename agent.rpm' \
        "$work/agent/agent.spec"
}

kubernetes_daemon() {
    local uid=11111111-2222-4333-8444-555555555555 container found
    local account=$kubelet/$uid/volumes/kubernetes.io~projected/kube-api-access
    local settings=$kubelet/$uid/volumes/kubernetes.io~configmap/settings
    api_up
    overlay daemon </dev/null
    applied
    api_down
    equal "$(violations)" 'hostPID=true
container "breakoutd" must not include "DAC_READ_SEARCH", "SYS_ADMIN", "SYS_PTRACE" in securityContext.capabilities.add
volumes "node", "journal", "state" use restricted volume type "hostPath"
pod or container "breakoutd" must set securityContext.runAsNonRoot=true
container "breakoutd" must not set runAsUser=0'
    only_where_it_runs

    prepare_volumes "$uid"
    node mkdir -p "$account"
    pod_container "$uid" breakoutd --create-only --mount "$account:/var/run/secrets/kubernetes.io/serviceaccount:ro"
    container=$(jq -r .container "$work/container")
    # The cluster's network leads nowhere here: its API is in the pod's.
    api_up "$(jq .pausePid "$work/container")"
    node sh -c "cat >'$account/token'" <"$work/api/token"
    node sh -c "cat >'$account/ca.crt'" <"$work/api/ca.crt"
    node sed -i "s|https://.*|$(cut -d ' ' -f 2 "$work/api/ready")|" "$settings/kubeconfig"
    # Nor is the node's cgroup namespace the machine's first one.
    node sed -i "s/4026531835/$(node readlink /proc/1/ns/cgroup | tr -dc 0-9)/" "$settings/config.yaml"
    tell_api "$uid" breakoutd
    # Its network is the node's, which each scan looks into: that is not to be told of breakoutd's pod.
    node_pod run network --host-network --seccomp default --no-new-privileges -- sleep 1d >"$work/pod-network"
    node_pod start "$container" >/dev/null
    evil_pod first
    await_told first
    if node test -e /sys/kernel/tracing/events; then
        # It has tracefs in the node's tree, and may write there.
        node_pod exec "$container" -- grep -q ' /host/sys/kernel/tracing rw' /proc/self/mountinfo
        found=$(node_pod exec "$container" -- breakoutd status --format json) || equal $? 1
        equal "$(jq -c '.eventGaps | map(select(startswith("tracefs")))' <<<"$found")" "[]"
    fi
    only_info "$uid"
    # A scan by hand there is another process of the pod, which the daemon tells of: it looks into the node's network.
    found=$(node_pod exec "$container" -- nsenter --cgroup=/host/proc/1/ns/cgroup -- breakoutd scan --root /host \
        --proc /host/proc --format json --kubeconfig /etc/breakoutd/kubeconfig --node-name "$node_name") || equal $? 1
    equal "$(jq -r --arg uid "$(jq -r .uid "$work/pod-first")" '.findings[] | select(.pod.uid == $uid) | .technique' \
        <<<"$found" | grep -c entered-host-mount-namespace)" 1
    # The API has never heard of that pod.
    equal "$(jq -c '[.gaps[] | select(.kind != "api")]' <<<"$found")" "[]"
    node_pod remove "$(jq -r .pod "$work/pod-network")"
    node_pod remove "$(jq -r .pod "$work/container")"
    node rm -rf "$kubelet/$uid" /var/lib/breakoutd-pod
    api_down
}

kubernetes_install() {
    local first=21111111-2222-4333-8444-555555555555 second=31111111-2222-4333-8444-555555555555
    local url=http://127.0.0.1:8321 configuration=$work/overlay-config.yaml
    agent_rpm
    api_up
    mkdir -p "$work/served"
    cp "$tarball" "$work/served/release.tar.gz"
    cp "$work/agent/agent.rpm" "$work/served/agent.rpm"
    node mkdir -p "$kubelet"
    # Debian's rpm wants to be told that it is meant.
    node sh -c 'printf "#!/bin/sh\nexec /usr/bin/rpm --force-debian --nodeps \"\$@\"\n" >/usr/local/bin/rpm
        chmod 755 /usr/local/bin/rpm'
    node_tree >"$work/before"
    {
        cat "$repository/packaging/kubernetes/install/config.yaml"
        printf 'api:\n  enabled: true\n  kubeconfig: %s\n  nodeName: %s\n' "$work/api/kubeconfig-certificate" "$node_name"
    } >"$configuration"
    install_overlay() {
        overlay install <<L
configMapGenerator:
- name: breakoutd-release
  namespace: breakoutd
  behavior: merge
  literals: [BREAKOUTD_URL=$url/release.tar.gz, BREAKOUTD_SHA256=$1, SSM_AGENT_URL=$url/agent.rpm, SSM_AGENT_SHA256=$2]
- name: breakoutd-install
  namespace: breakoutd
  behavior: merge
  files: [config.yaml]
L
        cp "$configuration" "$work/kubernetes/overlay/config.yaml"
        applied
    }
    digest() { sha256sum <"$1" | cut -d ' ' -f 1; }

    install_overlay "$(digest "$tarball")" "$(digest "$tarball")"
    equal "$(violations)" 'hostPID=true
volumes "node-programs", "systemd" use restricted volume type "hostPath"
container "install" must not set securityContext.runAsNonRoot=false
container "install" must not set runAsUser=0'
    only_where_it_runs
    install_pod "$first"
    equal "$(<"$work/output")" "install.sh: amazon-ssm-agent.rpm does not have the SHA-256 digest $(digest "$tarball")"
    node_tree >"$work/after"
    diff "$work/before" "$work/after"

    install_overlay "$(digest "$tarball")" "$(digest "$work/agent/agent.rpm")"
    tar -C / --exclude control.sock -cf - "${work#/}/api" | node tar -C / -xf -
    install_pod "$first"
    equal "$(grep -c 'is installed' "$work/output")" 2
    equal "$(node systemctl is-active breakoutd amazon-ssm-agent | xargs)" "active active"
    equal "$(node systemctl is-enabled breakoutd amazon-ssm-agent | xargs)" "enabled enabled"
    equal "$(node cat /etc/breakoutd/config.yaml)" "$(<"$configuration")"
    equal "$(node systemctl list-units --all --no-legend 'breakoutd-install*')" ""
    # Once more, while breakoutd looks on.
    install_pod "$second" told
    equal "$(grep -c 'this release is installed already' "$work/output")" 1
    only_info "$second"
    node /usr/share/breakoutd/uninstall.sh
    node systemctl --quiet disable --now amazon-ssm-agent
    node rpm --erase amazon-ssm-agent
    node rm -rf /etc/breakoutd "/${work#/}"
    nothing_left
    api_down
}

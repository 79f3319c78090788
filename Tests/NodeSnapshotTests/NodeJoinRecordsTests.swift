import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

/// Containers and their pods by records, cgroups and the log tree.
@Suite struct NodeJoinRecordsTests {
    @Test func containerKnownOnlyByItsCgroup() throws {
        let path = QuietIDs.path(QuietIDs.stray)
        let node = Node.withTask { $0.cgroup = 3 }.changing {
            $0.cgroups.append(
                CgroupPlacement(
                    memberships: [CgroupMembership(hierarchy: 0, controllers: [], path: path)],
                    owner: .container(
                        ContainerPlace(
                            containerID: QuietIDs.stray, podUID: QuietIDs.podUID, outerContainerIDs: ["outer"]))))
        }
        let joined = node.joined()
        #expect(joined.containers.map(\.id) == [QuietIDs.container, QuietIDs.sandbox, QuietIDs.stray])
        #expect(
            joined.containers[2]
                == Container(
                    id: QuietIDs.stray, runtime: .containerd, pod: QuietIDs.pod, outerContainerIDs: ["outer"]))
        #expect(joined.tasks.last?.container == 2)
        #expect(
            joined.gaps == [Gap(kind: .container, reason: "no record of it by its runtime", examples: [QuietIDs.stray])]
        )
        #expect(NodeIndex(joined).sandbox(of: 2) == 1)
    }

    private static let stray = QuietIDs.stray

    static let runtimes: [(path: String, runtime: Container.Runtime)] = [
        ("/kubepods/podx/cri-containerd-\(stray).scope", .containerd), ("/kubepods/podx/crio-\(stray)", .crio),
        ("/x.slice:crio:\(stray)", .crio), ("/docker/\(stray)", .docker), ("/x/docker-\(stray).scope", .docker),
        ("/kubepods/podx/\(stray)", .unknown),
    ]

    @Test(arguments: runtimes)
    func runtimeByPath(path: String, runtime: Container.Runtime) {
        let node = Node.unjoined.changing {
            $0.cgroups.append(
                CgroupPlacement(
                    memberships: [CgroupMembership(hierarchy: 0, controllers: [], path: path)],
                    owner: .container(ContainerPlace(containerID: QuietIDs.stray))))
        }
        #expect(node.joined().containers.last?.runtime == runtime)
        // No task is in it: an old cgroup is no missing record.
        #expect(node.joined().gaps == [])
    }

    /// A record that could not be read is one gap, not two.
    @Test func unreadableRecordIsOneGap() {
        let gap = Gap(kind: .bundle, reason: "config.json: not JSON", examples: [QuietIDs.container])
        let node = Node.unjoined.changing {
            $0.containers[0].bundle = nil
            $0.gaps = [gap]
        }
        #expect(node.joined(unreadableRecords: [QuietIDs.container]).gaps == [gap])
    }

    @Test func missingRecord() {
        let node = Node.unjoined.changing { $0.containers[0].bundle = nil }
        #expect(
            node.joined().gaps
                == [Gap(kind: .container, reason: "no record of it by its runtime", examples: [QuietIDs.container])])
        #expect(node.changing { $0.parts.remove(.bundles) }.joined().gaps == [])
    }

    @Test func podOfContainerd14ByItsSandbox() {
        let node = Node.unjoined.changingContainer { $0.pod = nil }
        #expect(node.joined().containers[0].pod == QuietIDs.pod)
    }

    @Test func podNamesByTheLogTree() {
        let node = Node.unjoined.changing {
            $0.containers[0].pod = nil
            $0.containers[1].pod = PodIdentity(uid: QuietIDs.podUID)
        }
        #expect(node.joined().containers.map(\.pod) == [QuietIDs.pod, QuietIDs.pod])
        let unknown = node.changing { $0.podLogs = [] }.joined()
        #expect(
            unknown.containers.map(\.pod) == [PodIdentity(uid: QuietIDs.podUID), PodIdentity(uid: QuietIDs.podUID)])
    }

    @Test func podByItsCgroupAlone() {
        let node = Node.unjoined.changing { node in
            for index in 0..<2 { node.containers[index].pod = nil }
            node.podLogs = []
        }
        #expect(node.joined().containers.map(\.pod?.uid) == [QuietIDs.podUID, QuietIDs.podUID])
    }

    static let namedCgroups: [(path: String, isClaimed: Bool)] = [
        ("/default/web-1", true), ("/system.slice/nerdctl-web-1.scope", true), ("/default/web-1/inner", true),
        ("/default/web-10", false), ("/default/xweb-1", false), ("/web-1.service", false), ("/", false),
    ]

    /// Containers made by hand have ids that no path shows to be one.
    @Test(arguments: namedCgroups)
    func idsMadeByHand(path: String, isClaimed: Bool) throws {
        let node = Node.withTask { $0.cgroup = 3 }.changing {
            $0.containers.append(Container(id: "web-1", runtime: .containerd, kind: .plain, bundle: Bundle()))
            $0.cgroups.append(
                CgroupPlacement(
                    memberships: [CgroupMembership(hierarchy: 0, controllers: [], path: path)], owner: .host))
        }
        let owner = try node.ownerOfLastTask()
        #expect(owner.id == (isClaimed ? "web-1" : nil))
        #expect(owner.attribution == (isClaimed ? .cgroup : nil))
    }

    /// A container that is called as a session of systemd has none of its processes.
    @Test(arguments: ["session-3.scope", "init.scope", "ssh.service", "system.slice"])
    func namesOfSystemd(group: String) {
        for id in ["3", "init", "ssh", "system", group] {
            var node = Node.quiet.changing { node in
                node.containers.append(Container(id: id, kind: .plain))
                node.cgroups[0].memberships[0].path = "/\(group)"
            }
            NodeJoin.join(&node)
            #expect(node.tasks[0].container == nil, "\(id) in \(group)")
        }
    }
}

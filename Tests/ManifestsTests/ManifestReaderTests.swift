import Manifests
import NodeModel
import Testing

struct ManifestReaderTests {
    @Test func decodesAPod() throws {
        let text = """
            metadata: {name: a}
            spec:
              hostPID: yes
              containers:
              - name: c
                securityContext: {runAsUser: 010}
            """
        let pod = try ManifestReader.decode(Pod.self, from: Array(text.utf8), name: "pod.yaml")
        #expect(pod.metadata.name == "a")
        #expect(pod.spec.hostPID == true)
        #expect(pod.spec.containers?.first?.securityContext?.runAsUser == 8)
    }

    @Test func namesThePlaceOfAWrongType() {
        let text = """
            # first
            ---
            metadata: {}
            spec:
              containers:
              - securityContext:
                  privileged: "yes please"
            """
        let error = #expect(throws: ManifestError.self) {
            try ManifestReader.decode(Pod.self, from: Array(text.utf8), name: "pod.yaml", showingValues: true)
        }
        #expect(
            error?.description == """
                pod.yaml: document 1, line 7: spec.containers[0].securityContext.privileged: \
                expected true or false, found "yes please"
                """)
    }
}

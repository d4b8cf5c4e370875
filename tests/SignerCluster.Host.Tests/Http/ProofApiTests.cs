using System.Net;
using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Messages;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Host.Tests.Http;

/// <summary>BIP-322 proofs over HTTP: any caller may ask for one, because it can never spend.</summary>
public sealed class ProofApiTests
{
    private const string Text = "Reserves of 2026 ₿";

    [Theory]
    [InlineData(null, "m")]
    [InlineData("m/0/5", "m/0/5")]
    public async Task A_text_comes_back_with_both_proofs_which_any_verifier_takes_for_the_address(string? asked, string path)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { CoordinatorAllowsRaw = false, ParticipantsAllowRaw = false });

        Answer answer = await host.PostAsync(Body("audit", Text, asked), $"{host.SessionsPath}?wait=30");

        Assert.Equal((HttpStatusCode.OK, "completed"), (answer.Status, answer.State));
        JsonElement proof = answer.Json.GetProperty("proof");
        Assert.Equal((Text, path), (proof.GetProperty("message").GetString(), proof.GetProperty("path").GetString()));
        Assert.True(OutputAddress.TryDecode(
            Network.Testnet, proof.GetProperty("addresses").GetProperty("testnet").GetString()!, out Script? script, out BitcoinRefusal? refusal));
        foreach (string form in (string[])["simple", "full"])
        {
            Assert.True(MessageProof.TryVerify(script, Text, proof.GetProperty(form).GetString()!, out _, out refusal), refusal?.ToString());
        }

        Assert.Equal(proof.GetRawText(), (await host.GetAsync($"{host.SessionsPath}/audit")).Json.GetProperty("proof").GetRawText());
        Assert.Equal(answer.Text, (await host.PostAsync(Body("audit", Text, path))).Text);
        (await host.PostAsync(Body("audit", Text + ".", path))).ShouldBeProblem(HttpStatusCode.Conflict, "session_conflict");
    }

    [Fact]
    public async Task A_proof_that_is_not_finished_shows_what_is_to_be_proved()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        await host.StopParticipantsAsync(0, 1);
        Answer running = await host.PostAsync(Body("audit", Text, "m/0/5"));
        Assert.Equal((HttpStatusCode.Accepted, "running"), (running.Status, running.State));
        Assert.Equal(Text, running.Json.GetProperty("proof").GetProperty("message").GetString());
        Assert.False(running.Json.GetProperty("proof").TryGetProperty("simple", out _));
        host.StartParticipants(0, 1);
        Assert.Equal("completed", (await host.PostAsync(Body("audit", Text, "m/0/5"), $"{host.SessionsPath}?wait=30")).State);
    }

    [Theory]
    [InlineData("""{"sessionId":"s","proof":{}}""", "missing_field")]
    [InlineData("""{"sessionId":"s","proof":{"path":"m"}}""", "missing_field")]
    [InlineData("""{"sessionId":"s","proof":"text"}""", "field_not_object")]
    [InlineData("""{"sessionId":"s","proof":null}""", "field_not_object")]
    [InlineData("""{"sessionId":"s","proof":{"message":1}}""", "field_not_text")]
    [InlineData("""{"sessionId":"s","proof":{"message":"a","message":"b"}}""", "duplicate_field")]
    [InlineData("""{"sessionId":"s","proof":{"message":"a"},"proof":{"message":"b"}}""", "duplicate_field")]
    [InlineData("""{"sessionId":"s","proof":{"message":"a","more":"b"}}""", "unknown_field")]
    [InlineData("""{"sessionId":"s","proof":{"message":"a","proof.path":"m"}}""", "unknown_field")]
    [InlineData("""{"sessionId":"s","proof.message":"a"}""", "unknown_field")]
    [InlineData("""{"sessionId":"s","proof":{"message":"a","path":"m/0h"}}""", "path_hardened")]
    [InlineData("""{"sessionId":"s","proof":{"message":"a","path":"5"}}""", "path_malformed")]
    [InlineData("""{"sessionId":"s","proof":{"message":"a"},"psbt":"cHNidP8="}""", "proof_and_payload")]
    [InlineData("""{"sessionId":"s","proof":{"message":"a"}""", "malformed_json")]
    [InlineData("""{"sessionId":"s","proof":{"message":"\ud83d"}}""", "malformed_json")]
    [InlineData("""{"sessionId":"s"}""", "message_or_psbt_missing")]
    public async Task What_is_no_request_for_a_proof_is_refused_with_its_own_code(string body, string code)
    {
        await using ApiHost host = await ApiHost.StartAsync();
        (await host.PostAsync(body)).ShouldBeProblem(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_refused_before_a_session_is_opened()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        string text = new('a', ProofRequest.MaximumTextBytes + 1);
        (await host.PostAsync(Body("long", text, null))).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "proof_text_too_long");
        (await host.GetAsync($"{host.SessionsPath}/long")).ShouldBeProblem(HttpStatusCode.NotFound, "session_not_found");
    }

    private static string Body(string session, string text, string? path) =>
        $$$"""{"sessionId":"{{{session}}}","proof":{"message":"{{{text}}}"{{{(path is null ? string.Empty : $",\"path\":\"{path}\"")}}}}}""";
}

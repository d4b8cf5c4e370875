using System.Text;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Messages;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Policy;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Protocol.Tests.Session;

/// <summary>Message proofs: both sides recompute what is signed from the text and the address.</summary>
public class ProofTests
{
    private const string Text = "for the auditor";
    private static readonly Party _party = Party.Of(2, 3);

    [Fact]
    public void A_proof_is_signed_where_raw_messages_are_not_and_holds_by_the_rules_of_the_BIP()
    {
        foreach (DerivationPath path in (DerivationPath[])[DerivationPath.Root, DerivationPath.Receiving(4)])
        {
            Party party = _party.With(Right(path));
            CoordinatorSpecification session = CoordinatorSpecification.For(party).Knowing(static standing => standing with { AllowRaw = false })
                .WhenSigned().WhenJoined(0).WhenJoined(2).WhenSharedBy(0).WhenSharedBy(2);
            SignedProof proof = Proof(path).Complete(Assert.IsType<CoordinatorReply.Completed>(session.Reply).Signature.Single);
            Assert.True(MessageProof.TryVerify(Proof(path).ScriptPubKey, Text, proof.Simple, out _, out _));
            SeatSpecification.For(party).Knowing(static standing => standing with { AllowRaw = false })
                .When(new SeatRequest.Open(party.Request)).Then(new SigningSessionEvent.SessionOpened(party.Request));
        }
    }

    public static TheoryData<string> Wrong =>
        ["message", "sibling's message", "text", "path", "tweaks", "tweaks of the group's own key", "two messages", "long text", "half of a character"];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_seat_refuses_what_does_not_follow_from_the_text_and_the_address(string wrong)
    {
        SigningRequest right = Right(DerivationPath.Receiving(4));
        PolicyArtefact.MessageProof artefact = (PolicyArtefact.MessageProof)right.Artefact;
        (SigningRequest request, string code) = wrong switch
        {
            "message" => (right with { Message = Party.Hash("payment") }, "sighash_mismatch"),
            "sibling's message" => (right with { Message = Right(DerivationPath.Receiving(5)).Message }, "sighash_mismatch"),
            "text" => (right with { Artefact = artefact with { Text = Text + "." } }, "sighash_mismatch"),
            "path" => (right with { Artefact = artefact with { Path = DerivationPath.Root } }, "sighash_mismatch"),
            "tweaks" => (right with { Tweaks = TweakList.None }, "tweak_mismatch"),
            "tweaks of the group's own key" => (right with { Tweaks = Right(DerivationPath.Root).Tweaks }, "tweak_mismatch"),
            "two messages" => (right with { Message = Batch.Of([right.Message[0], Party.Hash("payment")]) }, "sighash_mismatch"),
            "long text" => (right with { Artefact = artefact with { Text = new string('a', ProofRequest.MaximumTextBytes + 1) } }, "proof_text_too_long"),
            _ => (right with { Artefact = artefact with { Text = "\ud83d" } }, "proof_text_not_unicode"),
        };
        SeatSpecification.For(_party.With(right)).When(new SeatRequest.Open(request)).ThenRefused(code);
        CoordinatorSpecification.For(_party.With(request)).WhenSigned().ThenRefused(code);
    }

    [Fact]
    public void A_retired_group_proves_nothing() =>
        SeatSpecification.For(_party.With(Right(DerivationPath.Root))).Knowing(static standing => standing with { Lifecycle = GroupLifecycle.Retired })
            .When(new SeatRequest.Open(Right(DerivationPath.Root))).ThenRefused("group_retired");

    [Fact]
    public void A_policy_has_nothing_to_say_to_what_cannot_spend()
    {
        Party party = _party.With(Right(DerivationPath.Root));
        SeatSpecification seat = SeatSpecification.For(party).Knowing(static standing => standing with { AllowRaw = false, Policy = new SpendingPolicy() });
        seat.GivenJoined(party.Attempt(1)).WhenSigning(seat.Package()).ThenAccepted();
    }

    [Fact]
    public void A_group_under_a_guardian_proves_nothing_while_it_is_frozen_and_a_proof_is_no_withdrawal()
    {
        SigningRequest right = Right(DerivationPath.Root);
        Open(static standing => standing).Then(new SigningSessionEvent.SessionOpened(right));
        Open(static standing => standing with { Barred = GuardianRefusals.Frozen("audit") }).ThenRefused("group_frozen");
        GuardianRecord.WithdrawalAccepted accepted = new(2, 0, default, _party.Session, Party.Hash("txid"), 0, 1, 0UL);
        Open(standing => standing with { Withdrawal = accepted }).ThenRefused("withdrawal_not_whole");

        SeatSpecification Open(Func<Standing, Standing> standing) =>
            SeatSpecification.For(_party.With(right)).Knowing(standing).When(new SeatRequest.Open(right));
    }

    [Fact]
    public void D6_A_proof_is_stored_under_its_kind_with_its_text_and_its_path()
    {
        RoastEvent requested = new RoastEvent.SigningRequested(Right(DerivationPath.Receiving(4), "\"é\n₿"), 2, 3);
        (string name, byte[] bytes) = RoastCodec.Events.Encode(requested);
        string stored = Encoding.UTF8.GetString(bytes);
        Assert.Contains("""
            "artefact":{"kind":"message_proof","text":"\u0022\u00E9\n\u20BF","path":"m/0/4"}
            """.TrimEnd(), stored, StringComparison.Ordinal);
        Assert.Equal(requested, RoastCodec.Events.Decode(name, bytes));
    }

    [Theory]
    [InlineData("m/0/04")]
    [InlineData("m/0/4'")]
    [InlineData("0/4")]
    [InlineData("m/0/1/2/3/4/5/6/7")]
    public void D6_A_path_that_is_none_or_has_another_spelling_is_unreadable(string path)
    {
        (string name, byte[] bytes) = RoastCodec.Events.Encode(new RoastEvent.SigningRequested(Right(DerivationPath.Receiving(4)), 2, 3));
        string spoiled = Encoding.UTF8.GetString(bytes).Replace("m/0/4", path, StringComparison.Ordinal);
        Assert.Throws<UnreadableEventException>(() => RoastCodec.Events.Decode(name, Encoding.UTF8.GetBytes(spoiled)));
    }

    private static SigningRequest Right(DerivationPath path, string text = Text)
    {
        ProofRequest proof = Proof(path, text);
        return new SigningRequest(_party.Id, proof.Sighash, TweakList.Of(proof.Steps), new PolicyArtefact.MessageProof(text, path));
    }

    private static ProofRequest Proof(DerivationPath path, string text = Text)
    {
        Assert.True(ProofRequest.TryCreate(_party.Group.GroupKey.XOnly, path, text, out ProofRequest? proof, out _));
        return proof;
    }
}

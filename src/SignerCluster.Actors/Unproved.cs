using SignerCluster.Protocol.Durability;

namespace SignerCluster.Actors;

/// <summary>
/// What an activation decided without an event, and may tell only when the journal has said that nobody else wrote (D8). One question proves everything that
/// was decided before it was asked.
/// </summary>
internal sealed class Unproved<TDecided>(Action askForHead, Action<TDecided> conclude, Action<TDecided, JournalException> fail)
{
    private readonly Queue<TDecided> _decided = new();
    private int _asked;

    internal bool IsEmpty => _decided.Count == 0;

    internal void Add(TDecided decided)
    {
        _decided.Enqueue(decided);
        AskUnlessAsked();
    }

    /// <summary>The answer to the question under way has come: what was decided before it was asked is concluded.</summary>
    internal void Prove()
    {
        List<TDecided> proved = [.. Enumerable.Range(0, _asked).Select(_ => _decided.Dequeue())];
        _asked = 0;
        AskUnlessAsked();
        proved.ForEach(conclude);
    }

    /// <summary>Nothing of it will be proved by this activation.</summary>
    internal void Fail(JournalException fault)
    {
        List<TDecided> all = [.. _decided];
        _decided.Clear();
        _asked = 0;
        all.ForEach(unproved => fail(unproved, fault));
    }

    private void AskUnlessAsked()
    {
        if (_asked == 0 && _decided.Count > 0)
        {
            _asked = _decided.Count;
            askForHead();
        }
    }
}

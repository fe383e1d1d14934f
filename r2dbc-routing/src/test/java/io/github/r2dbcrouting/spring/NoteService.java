package io.github.r2dbcrouting.spring;

import java.util.List;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import reactor.core.publisher.Mono;

/** What a Spring user writes: transactions by annotation. */
@Service
class NoteService {

    private final NoteRepository notes;

    NoteService(NoteRepository notes) {
        this.notes = notes;
    }

    @Transactional(readOnly = true)
    public Mono<List<Note>> readTwice(Integer id) {
        return notes.findById(id).concatWith(notes.findById(id)).collectList();
    }

    @Transactional(readOnly = true, isolation = Isolation.REPEATABLE_READ)
    public Mono<Long> countAround(Mono<?> between) {
        return notes.count().then(between).then(notes.count());
    }

    @Transactional(readOnly = true)
    public Mono<Note> writeByMistake(String text) {
        return notes.save(Note.of(text));
    }

    @Transactional(propagation = Propagation.SUPPORTS, readOnly = true)
    public Mono<Note> readWithoutNeed(Integer id) {
        return notes.findById(id);
    }

    @Transactional
    public Mono<Note> writeAndRead(String text) {
        return notes.save(Note.of(text)).flatMap(note -> notes.findById(note.id()));
    }

    @Transactional
    public Mono<Note> writeAndFail(String text) {
        return notes.save(Note.of(text)).then(Mono.error(new IllegalStateException("the caller has changed its mind")));
    }

    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public Mono<Note> writeApart(String text) {
        return notes.save(Note.of(text));
    }
}

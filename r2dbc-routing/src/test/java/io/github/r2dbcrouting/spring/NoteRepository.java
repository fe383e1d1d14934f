package io.github.r2dbcrouting.spring;

import org.springframework.data.r2dbc.repository.Modifying;
import org.springframework.data.r2dbc.repository.Query;
import org.springframework.data.relational.core.sql.LockMode;
import org.springframework.data.relational.repository.Lock;
import org.springframework.data.repository.reactive.ReactiveCrudRepository;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a Spring Data user writes. */
interface NoteRepository extends ReactiveCrudRepository<Note, Integer> {

    Flux<Note> findByText(String text);

    @Lock(LockMode.PESSIMISTIC_WRITE)
    Mono<Note> findFirstByText(String text);

    @Query("SELECT count(*) FROM note WHERE text LIKE :prefix || '%'")
    Mono<Long> countByPrefix(String prefix);

    @Query("/*+ route:primary */ SELECT * FROM note WHERE id = :id")
    Mono<Note> findOnPrimary(Integer id);

    @Query("SELECT /*+ route: node=node3 */ * FROM note WHERE id = :id")
    Mono<Note> findOnThirdNode(Integer id);

    @Modifying
    @Query("UPDATE note SET text = :text WHERE id = :id")
    Mono<Long> rewrite(Integer id, String text);
}
